"""The variables of the world `agent`: what its environment remembers, and what really is."""

from __future__ import annotations

from nixfleet_state_machine.policy import OnHealthFailure
from nixfleet_state_machine.record import ClosureHash
from nixfleet_state_machine.states import ACTIVE
from steptable.sorts import INSTANT, TRUTH, Enum, Integer, Member
from steptable.terms import Term, if_else, instant, root, seconds
from steptable.world import Variable

TARGET, PRIOR = "target", "prior"
LAST_TICK = 3
"""The last tick stands for any later time: whatever must wait has waited."""
SOAK_DUE = 2
THRESHOLD = 1
"""How long a failure must last, in ticks (60 s in the design)."""

WORK = Enum("Work", tuple(Member(w.upper(), w) for w in ("idle", "ordered", "running", "done")))

VARIABLES = (
    Variable.declare("known", TRUTH, True, "The agent runs and has the record."),
    Variable.declare("now", INSTANT, 0, "The agent's clock."),
    Variable.declare("runs", ClosureHash, [PRIOR, TARGET], "What the host really runs."),
    Variable.declare("staged", TRUTH, False, "The target takes effect at the next reboot."),
    Variable.declare("policy", OnHealthFailure, ["halt", "rollback-and-halt"]),
    Variable.declare("switch", WORK, "idle", "The activation worker."),
    Variable.declare("rollback", WORK, "idle", "The rollback worker."),
    Variable.declare("back_to", ClosureHash, PRIOR, "Where the rollback under way goes."),
    Variable.declare("switches", Integer(0, 2), 0, "Switches fired; two stand for many."),
    Variable.declare("rollbacks", Integer(0, 2), 0, "Rollbacks fired; two stand for many."),
    Variable.declare("probing", TRUTH, False, "The probe worker runs."),
    Variable.declare("undeclared", TRUTH, False, "The topology is still to be declared."),
    Variable.declare("declared", TRUTH, False, "The topology was declared while soaking."),
    Variable.declare("observed", TRUTH, False, "A probe has run since the reset."),
)

agent = root("agent")
known = root("known")
now = root("now")
runs = root("runs")
staged = root("staged")
switch = root("switch")
rollback = root("rollback")
back_to = root("back_to")
policy = root("policy")
switches = root("switches")
rollbacks = root("rollbacks")
probing = root("probing")
undeclared = root("undeclared")
declared = root("declared")
observed = root("observed")

is_rollback = policy == OnHealthFailure.ROLLBACK_AND_HALT


def is_active(record: Term) -> Term:
    """The rollout is not over, so that the control plane sends snapshots of it."""
    return record.state.one_of(*ACTIVE)


def late(since: Term, wait: int, at: Term = now) -> Term:
    """Some ticks have passed since an instant, or it is later than that matters."""
    return (at - since >= seconds(wait)) | (at == instant(LAST_TICK))


def once_more(count: Term) -> Term:
    """One more, where two already stand for many."""
    return if_else(count < 2, count + 1, 2)
