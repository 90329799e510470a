"""A declared probe in the world `agent`: its worker, its reports, and what they are of."""

from __future__ import annotations

from nixfleet_state_machine.record import ClosureHash, ProbeMode, ProbeStatus
from nixfleet_state_machine.states import DISPATCHED, SOAKING
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
from steptable.terms import NOTHING, Operand, Term, if_else, instant, root
from steptable.world import Action, Variable, choice, deliver


class Probe:
    """A declared probe: its worker, its reports, and the account of what they are of."""

    def __init__(self, name: str, mode: Term) -> None:
        self.name = name
        self.mode = mode
        self.enforces = mode.node == ProbeMode.ENFORCE.node
        self.runs = mode.node != ProbeMode.DISABLED.node
        self.told = root(f"{name}_told")
        self.look = root(f"{name}_look")
        self.look_at = root(f"{name}_look_at")
        self.look_of = root(f"{name}_look_of")
        self.first = root(f"{name}_first")
        self.begins = root(f"{name}_begins")
        self.failing_since = root(f"{name}_failing_since")
        self.basis = root(f"{name}_basis")

    def variables(self) -> tuple[Variable, ...]:
        """Its variables, each with what it stands for; a disabled probe needs none."""
        name, status = self.name, ProbeStatus.sort
        if not self.runs:
            return ()
        return (
            Variable.declare(f"{name}_told", Optional(status), None, "The worker's last result."),
            Variable.declare(
                f"{name}_look",
                Optional(status),
                None,
                "A result that waits in the agent's queue; it may be older than the switch.",
            ),
            Variable.declare(f"{name}_look_at", INSTANT, 0, "When the result was observed."),
            Variable.declare(
                f"{name}_look_of", ClosureHash, PRIOR, "The closure that the result is of."
            ),
            Variable.declare(f"{name}_first", TRUTH, False, "It must be reported as first."),
            Variable.declare(f"{name}_begins", TRUTH, False, "It must be reported as failing."),
            Variable.declare(
                f"{name}_failing_since",
                Optional(INSTANT),
                None,
                "Since when each of its results that were taken is a failure.",
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
        return self.sets(told=NOTHING, failing_since=NOTHING, basis=NOTHING) if self.runs else {}

    def died(self) -> dict[str, Operand]:
        """What is left of it when the agent dies: nothing, its mail included."""
        if not self.runs:
            return {}
        return self.forgotten() | self.sets(first=False, begins=False) | self._delivered()

    def actions(self) -> tuple[Action, ...]:
        """It runs, and its reports reach the reducer one after another."""
        if not self.runs:
            return ()
        fails = choice.status == ProbeStatus.FAIL
        return (
            Action.declare(
                f"probe {self.name} runs",
                party="agent",
                says=f"the probe worker runs probe {self.name}: {{status}}",
                choices={"status": ProbeStatus},
                guard=known & probing & ~self.look.is_known & agent.state.one_of(*DISPATCHED),
                sets=self.sets(
                    look=choice.status,
                    look_at=now,
                    look_of=runs,
                    told=choice.status,
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
                observed_at=self.look_at,
            ),
            self._reports(
                "begins to fail",
                "LocalProbeFailureFirst",
                ~self.first & self.begins,
                self.sets(begins=False),
                first_failed_at=self.look_at,
            ),
            self._reports(
                "reports",
                "LocalProbeResult",
                ~self.first & ~self.begins,
                self._judged() | self._delivered(),
                status=self.look.or_else(ProbeStatus.PASS),
                observed_at=self.look_at,
            ),
        )

    def _delivered(self) -> dict[str, Operand]:
        """Its mail is empty; what it said of when and what is put back to where it began."""
        return self.sets(look=NOTHING, look_at=instant(0), look_of=PRIOR)

    def _judged(self) -> dict[str, Operand]:
        """The account of what is recorded, where the report is accepted."""
        taken = agent.state == SOAKING
        failed = self.look.is_known & (self.look.value == ProbeStatus.FAIL)
        since = if_else(failed, self.failing_since.or_else(self.look_at), NOTHING)
        return self.sets(
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
