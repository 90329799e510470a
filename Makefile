# Every target sets up what it needs: `make check` and `make test` are all it takes on a fresh
# machine with Python 3.11 or newer, git and make. PYTHON=... chooses the interpreter; otherwise the
# newest found is taken.

.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?=
# "lowest" takes the lowest versions that pyproject.toml allows, in an environment of their own.
RESOLUTION ?=
ifneq ($(filter-out lowest,$(RESOLUTION)),)
$(error RESOLUTION=$(RESOLUTION) is not known; write lowest, or leave it out)
endif
VENV := .venv$(if $(filter lowest,$(RESOLUTION)),-lowest)
BIN := $(VENV)/bin
READY := $(VENV)/checkout

# Modules of another tree must not answer for this one's.
unexport PYTHONPATH PYTHONHOME
# Tools keep their caches at home; where there is none they would make one out of the checkout.
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/.cache/home
endif

# An environment that was copied along with a tree imports the tree it came from.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
STALE := yes
endif
# One made with another interpreter is not the one asked for.
ifneq ($(strip $(PYTHON)),)
ifneq ($(shell cat $(VENV)/interpreter 2>/dev/null),$(PYTHON))
STALE := yes
endif
endif

.PHONY: help
help: ## say what there is (default)
	@echo "make TARGET, where TARGET is one of"
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s%s\n", $$1, $$2 }' Makefile

# CI looks at nothing that was kept of earlier runs: make FRESH=--fresh check
FRESH ?=

.PHONY: check
check: $(READY) ## check every property, draw into build/diagrams; changes no file that git tracks
# Red is when pictures are wanted most; only where the declarations can't be read there are none.
	@$(BIN)/steptable check $(FRESH); code=$$?; [ $$code = 2 ] && exit 2; \
	$(call DRAW,$(FRESH) --quiet --out build/diagrams && echo "diagrams drawn into build/diagrams"); exit $$code

.PHONY: test
test: $(READY) ## run the tests
	@$(BIN)/python -m pytest -n 2 -rs

.PHONY: lowest
lowest: ## lint, stale and test with the lowest version of every dependency
	@$(MAKE) --no-print-directory RESOLUTION=lowest lint stale test

.PHONY: thorough
thorough: $(READY) ## explore the larger worlds too, and run the longer tests
	@$(BIN)/steptable check --thorough $(FRESH)
	@STEPTABLE_THOROUGH=1 $(BIN)/python -m pytest -n 2 tests/known_models/test_known_models.py

SEED ?=
SECONDS ?= 120
.PHONY: fuzz
fuzz: $(READY) ## draw worlds and compare the explorers with an oracle (SEED=…, SECONDS=…)
	@cd tests && CFLAGS="$$CFLAGS -O0" ../$(BIN)/python -m fuzz $(if $(SEED),--seed $(SEED)) --seconds $(SECONDS)

.PHONY: second-opinion
second-opinion: $(READY) ## let SPIN, a checker of another make, judge the same worlds
	@sh .ci/second-opinion
	@$(BIN)/python -m pytest -n 2 -m second_opinion tests/second_opinion

.PHONY: sanitize
sanitize: $(READY) ## run compiled explorers with every warning and undefined step an error
	@sh .ci/sanitize

.PHONY: generate
generate: $(READY) ## write every derived file
	@$(BIN)/steptable generate

.PHONY: stale
stale: $(READY) ## fail if a derived file is not what the declarations make
	@$(BIN)/steptable generate --check $(FRESH)

.PHONY: draw
draw: $(READY) ## draw the diagrams anew
	@$(call DRAW)

.PHONY: lint
lint: $(READY) ## lint, check the format, check the types
	@failed=0; \
	$(BIN)/ruff check || failed=1; \
	$(BIN)/ruff format --check || failed=1; \
	$(BIN)/mypy || failed=1; \
	exit $$failed

.PHONY: bench
bench: $(READY) ## measure everything beside its rivals, into BENCHMARKS.md (a quarter of an hour)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	@$(BIN)/python -m bench

.PHONY: clean
clean: ## remove the environment and every cache
	@rm -rf .venv .venv-lowest .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Pictures alone need dot. Each version of it draws a little differently, so that only `make draw`
# touches the committed ones.
define DRAW
if command -v dot >/dev/null; then $(BIN)/steptable draw $(1); \
else echo "No diagrams drawn: dot is missing (the package is called graphviz)." >&2; fi
endef

.PHONY: FORCE
FORCE:

$(READY): pyproject.toml .ci/setup .ci/packages.sh $(if $(STALE),FORCE)
	@sh .ci/setup "$(PYTHON)" $(RESOLUTION)
