"""What a new version can break, and for whom: the rules, each with a name and a severity.

Four audiences look at a machine from outside. Whoever *imports* the reducer makes events, policies
and records, and reads records and effects. Whoever speaks the *wire* may be of another version than
the other end, in both directions. Whoever replays a *journal* steps old events, which
were accepted when they were written, through the new rows, and goes on from stored records. And
whoever relies on the *promises* that were judged to hold.

An *error* breaks something that works today. A *warning* asks for a look: it breaks something
under circumstances, mostly an order in which programs must be brought up to date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Audience: TypeAlias = Literal["import", "wire", "journal", "promise"]
Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True)
class Rule:
    """Something that a change should not do; its name begins with whom it concerns."""

    name: str
    severity: Severity
    why: str
    """What breaks."""

    @property
    def audience(self) -> Audience:
        found: Audience = next(kind for kind in _AUDIENCES if self.name.startswith(f"{kind}-"))
        return found


@dataclass(frozen=True)
class Breach:
    """A rule that a new version breaks: where, and by what."""

    rule: Rule
    where: str
    what: str


_AUDIENCES: Final[tuple[Audience, ...]] = ("import", "wire", "journal", "promise")

_ERRORS: Final[dict[str, str]] = {
    "import-name-removed": "an import of a type or a function fails",
    "import-state-removed": "code that names the state fails",
    "import-value-removed": "code that names the value of an enumeration fails",
    "import-field-removed": "code that reads or gives the field fails",
    "import-field-type-changed": "code that reads or gives the field meets another type",
    "import-field-required-added": "code that makes the value does not give the field",
    "import-effect-added": "a runtime does not know how to carry the effect out",
    "import-constructor-changed": "a call does not give what the constructor asks for",
    "wire-removed": "nothing can be sent or received any more",
    "wire-kind-removed": "reports of the kind by senders of the old version are refused",
    "wire-field-renamed": "either end does not find the key that the other one writes",
    "wire-field-removed": "receivers of the old version refuse what lacks the key",
    "wire-field-required-added": "reports of senders of the old version lack the key",
    "wire-field-now-required": "senders of the old version may leave the key out",
    "wire-field-type-changed": "either end refuses what the other one writes",
    "wire-number-narrowed": "numbers that senders of the old version write are refused",
    "wire-value-removed": "values that senders of the old version write are refused",
    "journal-row-removed": "events that were accepted are refused",
    "journal-guard-strengthened": "some events that were accepted are refused",
    "journal-target-changed": "a log ends in another state",
    "journal-update-changed": "a log leaves another record",
    "journal-start-changed": "a log is replayed from another record",
    "journal-field-required-added": "a stored record lacks the field and can't be read",
    "journal-field-type-changed": "what a stored record holds of the field does not fit",
    "journal-field-removed": "what a stored record holds of the field is lost",
    "promise-broken": "what was judged to hold, or to be possible, is so no longer",
}

_WARNINGS: Final[dict[str, str]] = {
    "import-state-added": "a match over all states has a case missing",
    "import-event-added": "a match over all events has a case missing",
    "import-value-added": "a match over all values of an enumeration has a case missing",
    "wire-kind-added": "receivers of the old version refuse the kind: update them first",
    "wire-field-now-optional": "receivers of the old version need the key: update them first",
    "wire-default-changed": "what is left out means something else to either end",
    "wire-number-widened": "receivers of the old version refuse more: update them first",
    "wire-value-added": "receivers of the old version refuse the value: update them first",
    "journal-effects-changed": "a replay asks for other effects than were carried out",
    "journal-undecided": "whether a log is replayed alike could not be found out",
    "promise-removed": "nobody looks after it any more",
    "promise-restated": "what is judged is something else than was",
    "promise-inconclusive": "whether it still holds was not found out",
}

RULES: Final[tuple[Rule, ...]] = tuple(
    sorted(
        (
            *(Rule(name, "error", why) for name, why in _ERRORS.items()),
            *(Rule(name, "warning", why) for name, why in _WARNINGS.items()),
        ),
        key=lambda rule: _AUDIENCES.index(rule.audience),
    )
)
"""All rules, by audience; of each, the errors stand first."""

_BY_NAME: Final = {rule.name: rule for rule in RULES}


def breach(name: str, where: str, what: str) -> Breach:
    """A breach of the rule of that name."""
    return Breach(_BY_NAME[name], where, what)
