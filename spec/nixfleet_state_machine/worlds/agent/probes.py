"""A declared probe in the world `agent`: its worker, its reports, and how it really fares."""

from __future__ import annotations

from nixfleet_state_machine.record import ClosureHash, ProbeMode, ProbeStatus
from nixfleet_state_machine.states import SOAKING
from nixfleet_state_machine.worlds.agent.terms import (
    PRIOR,
    agent,
    known,
    now,
    observed,
    probing,
    runs,
)
from steptable.sorts import INSTANT, TRUTH, Optional
from steptable.terms import NOTHING, Operand, Term, if_else, root
from steptable.world import Action, Variable, deliver


class Probe:
    """A declared probe: its worker, and what really is."""

    def __init__(self, name: str, mode: Term) -> None:
        self.name = name
        self.mode = mode
        self.enforces = mode.node == ProbeMode.ENFORCE.node
        self.really = root(f"{name}_really")
        self.told = root(f"{name}_told")
        self.look = root(f"{name}_look")
        self.look_of = root(f"{name}_look_of")
        self.first = root(f"{name}_first")
        self.begins = root(f"{name}_begins")
        self.failing_since = root(f"{name}_failing_since")
        self.basis = root(f"{name}_basis")

    def variables(self) -> tuple[Variable, ...]:
        """Its variables, each with what it stands for."""
        name, status = self.name, ProbeStatus.sort
        return (
            Variable.declare(f"{name}_really", ProbeStatus, ["pass", "fail"], "How it fares."),
            Variable.declare(f"{name}_told", Optional(status), None, "The worker's last result."),
            Variable.declare(
                f"{name}_look",
                Optional(status),
                [None, "pass"],
                "A result that waits in the agent's queue; it may be older than the switch.",
            ),
            Variable.declare(
                f"{name}_look_of", ClosureHash, PRIOR, "The closure that the result is of."
            ),
            Variable.declare(f"{name}_first", TRUTH, False, "It must be reported as first."),
            Variable.declare(f"{name}_begins", TRUTH, False, "It must be reported as failing."),
            Variable.declare(
                f"{name}_failing_since",
                Optional(INSTANT),
                None,
                "Since when each of its reports is a failure.",
            ),
            Variable.declare(
                f"{name}_basis",
                Optional(ClosureHash),
                None,
                "The closure that the recorded result is of.",
            ),
        )

    def sets(self, **values: Operand) -> dict[str, Operand]:
        return {f"{self.name}_{part}": value for part, value in values.items()}

    def forgotten(self) -> dict[str, Operand]:
        """What its worker starts anew from when the probes are reset; its mail is not recalled."""
        return self.sets(told=NOTHING, failing_since=NOTHING, basis=NOTHING)

    def died(self) -> dict[str, Operand]:
        """What is left of it when the agent dies: nothing, its mail included."""
        return self.forgotten() | self.sets(look=NOTHING, first=False, begins=False)

    def actions(self) -> tuple[Action, ...]:
        """It turns, it runs, and its reports reach the reducer one after another."""
        fails = self.really == ProbeStatus.FAIL
        idle = ~self.look.is_known
        return (
            Action.declare(
                f"probe {self.name} turns",
                party="host",
                says=f"probe {self.name} begins to fare otherwise",
                sets=self.sets(
                    really=if_else(fails, ProbeStatus.PASS, ProbeStatus.FAIL),
                ),
            ),
            Action.declare(
                f"probe {self.name} runs",
                party="agent",
                says=f"the probe worker runs probe {self.name}",
                guard=known & probing & idle,
                sets=self.sets(
                    look=self.really,
                    look_of=runs,
                    told=self.really,
                    first=~observed,
                    begins=fails & ~(self.told.is_known & (self.told.value == ProbeStatus.FAIL)),
                )
                | {"observed": True},
                fair="strong",
            ),
            self._reports(
                "is observed first",
                "LocalProbeObservedFirst",
                self.first,
                self.sets(first=False),
                observed_at=now,
            ),
            self._reports(
                "begins to fail",
                "LocalProbeFailureFirst",
                ~self.first & self.begins,
                self.sets(
                    begins=False,
                    failing_since=if_else(
                        agent.state == SOAKING, self.failing_since.or_else(now), self.failing_since
                    ),
                ),
                first_failed_at=now,
            ),
            self._reports(
                "reports",
                "LocalProbeResult",
                ~self.first & ~self.begins,
                self._judged(),
                status=self.look.or_else(ProbeStatus.PASS),
                observed_at=now,
            ),
        )

    def _judged(self) -> dict[str, Operand]:
        """The account of what is recorded, where the report is accepted."""
        taken = agent.state == SOAKING
        failed = self.look.is_known & (self.look.value == ProbeStatus.FAIL)
        since = if_else(failed, self.failing_since.or_else(now), NOTHING)
        return self.sets(
            look=NOTHING,
            failing_since=if_else(taken, since, self.failing_since),
            basis=if_else(taken, self.look_of, self.basis),
        )

    def _reports(
        self, what: str, event: str, due: Term, sets: dict[str, Operand], **fields: Operand
    ) -> Action:
        own = {"probe_name": self.name, "mode": self.mode, **fields}
        return Action.declare(
            f"probe {self.name} {what}",
            party="agent",
            says=f"the report that probe {self.name} {what} reaches the reducer",
            guard=known & self.look.is_known & due,
            sets=sets,
            events=[deliver("agent", event, seq=agent.last_event_seq + 1, **own)],
            fair="strong",
        )
