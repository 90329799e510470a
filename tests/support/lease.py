"""A lease on a slot of a pool: a machine declared for the tests, to be awkward.

Several guarded rows for one pair, durations, optional records, look-ups and quantifiers in
every place where an expression may stand, conditional effects anywhere in a list, effects
that both sides produce, and names that generated functions use themselves.
"""

from __future__ import annotations

from steptable.machine import (
    Constructor,
    Effect,
    Fact,
    Guard,
    Machine,
    Numbering,
    Refusal,
    Rehydration,
    Row,
    Side,
    State,
    state_sort,
)
from steptable.sorts import DURATION, INSTANT, TEXT, TRUTH, U64, Integer, Map, Optional, Symbol
from steptable.terms import (
    EMPTY,
    NOTHING,
    Enumeration,
    Structure,
    field,
    if_else,
    part_of,
    root,
    seconds,
)

record, event, policy = root("record"), root("event"), root("policy")
row, fact, given, payload = root("row"), root("fact"), root("given"), root("payload")

TENANT = Side("tenant", "Who wants the slot.")
REGISTRY = Side("registry", "Who keeps the list.")

FREE = State("Free", "Nobody has it.", initial=True)
HELD = State("Held", "Somebody has it.")
RETIRED = State("Retired", "There is no such slot any more.", terminal=True)
LEASE_STATE = state_sort("LeaseState", "Whether it is free.", FREE, HELD, RETIRED)

Pool, Slot = Symbol("Pool", "A pool."), Symbol("Slot", "A slot.")
SlotName = Symbol("SlotName", "Names a slot.", parts=(Pool, Slot), separator="/")
Who = Symbol("Who", "Somebody.")
Reason = Symbol("Reason", "Why.")
RENEWALS = Integer(0, 2**40, "renewals")

Haste = Enumeration("Haste", "How urgent it is.", CALM="calm", URGENT="urgent")

Share = Structure(
    "Share",
    "What somebody asks for.",
    haste=field(Haste, "How urgent it is."),
    weight=field(Integer(0, 9), "How much of it.", default=1),
)
# Its name, in lower case, is what generated functions call the record.
Waiter = Structure(
    "State",
    "Somebody who waits, or had it last.",
    since=field(INSTANT, "Since when."),
    patience=field(DURATION, "For how long."),
    share=field(Share, "What for."),
    deputy=field(Who, "Who may take it instead."),
    until=field(Optional(INSTANT), "When that ends."),
)
Lease = Structure(
    "Lease",
    "What is remembered of a slot.",
    phase=field(LEASE_STATE, "Whether it is free."),
    slot=field(SlotName, "The slot."),
    strict=field(TRUTH, "Whether the registry insists.", default=True),
    holder=field(Optional(Who), "Who has it."),
    due_at=field(Optional(INSTANT), "When it is to be given back."),
    renewed=field(RENEWALS, "How often it was renewed.", default=0),
    waiting=field(Map(Who, Waiter.sort), "Who waits for it."),
    last=field(Optional(Waiter.sort), "Who had it last."),
    after=field(Optional(INSTANT), "When that one had begun.", read_by="its owner"),
    reason=field(Reason, "What happened last.", default="nothing (and", read_by="its owner"),
    last_serial=field(U64, "The last number.", default=0),
)
Terms = Structure(
    "Terms",
    "What the registry grants.",
    length=field(DURATION, "For how long."),
    grace=field(DURATION, "How much longer it waits."),
    renewable=field(TRUTH, "Whether a lease can be renewed."),
    preferred=field(Optional(Share.sort), "What it grants best."),
)

REQUESTED = Fact.declare(
    "Requested",
    "Somebody wants the slot.",
    halves={TENANT: "SlotWanted", REGISTRY: "RequestArrived"},
    time="at",
    durable=True,
    who=field(Who, "Who."),
    share=field(Share, "What for."),
    patience=field(DURATION, "How long that one waits."),
    at=field(INSTANT, "When."),
    note=field(Optional(TEXT), "A remark."),
    extra={TENANT: {"deputy": field(Who, "Who may take it instead.")}},
)
SWEPT = Fact.declare(
    "Swept",
    "The registry looked after its slots.",
    halves={TENANT: "SweepSeen", REGISTRY: "SweepDone"},
    time="at",
    durable=False,
    at=field(INSTANT, "When."),
    pool=field(Pool, "Which ones."),
)
RETURNED = Fact.declare(
    "Returned",
    "The slot was given back.",
    halves={TENANT: "SlotReturned", REGISTRY: "ReturnArrived"},
    time="at",
    durable=True,
    who=field(Who, "Who gave it back."),
    at=field(INSTANT, "When."),
)

NOTIFY = Effect.declare(
    "Notify",
    "Tell somebody.",
    side=None,
    who=field(Optional(Who), "Whom."),
    since=field(Optional(INSTANT), "Since when."),
    payload=field(Optional(Waiter.sort), "About whom."),
    reason=field(Reason, "What."),
)
REMEMBER = Effect.declare(
    "Remember",
    "Write it down.",
    side=REGISTRY,
    source=field(LEASE_STATE, "What it was."),
    target=field(LEASE_STATE, "What it is."),
    at=field(INSTANT, "When."),
    overdue=field(Optional(DURATION), "By how much."),
)

is_holder = record.holder == event.who
earlier = record.waiting[event.who]
overdue = record.due_at.is_known & (event.at - record.due_at.value > policy.grace)
in_pool = part_of(record.slot, SlotName, Pool) == event.pool
remember = REMEMBER(source=row.source, target=row.target, at=fact.time)
tell_deputy = NOTIFY(
    who=event.deputy, since=record.waiting[event.deputy].since, reason="you may take it"
)
tell_last = NOTIFY(
    since=record.last.value.since + policy.grace,
    payload=Waiter(
        since=record.last.value.since - policy.grace,
        patience=policy.length,
        share=record.last.value.share,
        deputy=record.last.value.deputy,
    ),
    reason="it was yours",
).when(record.last.is_known & ~record.strict)
tell_holder = NOTIFY(who=record.holder, reason="somebody waits (and waits")
tell_all = NOTIFY(reason="and nobody is told")
newcomer = Waiter(
    since=event.at,
    patience=event.patience,
    share=event.share,
    deputy=earlier.deputy.or_else(event.who),
    until=if_else(
        earlier.until.is_known,
        earlier.until.value + policy.grace,
        if_else(event.share.haste == Haste.URGENT, NOTHING, event.at + event.patience + seconds(1)),
    ),
)

ROWS = (
    Row.declare(
        "taken",
        FREE,
        REQUESTED,
        HELD,
        guards=(
            Guard.declare(
                "in-turn",
                # The quantified value is called as the record is in generated functions.
                record.waiting.every(
                    lambda state: (state.share.haste == Haste.URGENT).implies(
                        (state.deputy == event.who)
                        | (record.waiting[state.deputy].since == event.at)
                    )
                ),
                must="nobody urgent may wait",
            ),
            Guard.declare(
                "light",
                (event.share.weight < 7)
                | policy.preferred.is_known
                | (seconds(2) <= event.patience),
                must="it must be light, or somebody patient, or something must be preferred",
            ),
        ),
        sets={
            "holder": event.who,
            "due_at": event.at + policy.length,
            "renewed": 0,
            "waiting": record.waiting.where(
                lambda key: if_else(
                    record.strict,
                    key.since + key.patience >= event.at,
                    ~record.waiting[key.deputy].is_known,
                )
            ),
            "last": if_else(
                record.last.is_known,
                record.last.value.with_fields(
                    until=event.at, share=Share(haste=Haste.CALM), patience=policy.length
                ),
                newcomer,
            ),
            "after": if_else(
                record.last.since.is_known & (record.last.patience == policy.grace),
                record.last.since.value - policy.grace + event.patience,
                record.last.until,
            ),
            "reason": if_else(
                earlier.share.weight == 9, record.reason, "taken if and (or) else by a light one"
            ),
        },
        emits={
            TENANT: (tell_last, tell_all, tell_deputy),
            REGISTRY: (remember, tell_last, tell_holder, tell_all),
        },
        why="It is free.",
        cites="§1",
    ),
    Row.declare(
        "renewed",
        HELD,
        REQUESTED,
        guards=(
            Guard.declare("same", is_holder, "it must be the holder"),
            Guard.declare(
                "renewable",
                policy.renewable.iff(record.strict) & ~(record.renewed >= 2),
                must="it must be renewable",
            ),
        ),
        sets={
            "renewed": record.renewed + 1,
            "last": if_else(
                record.due_at.is_known,
                Waiter(
                    since=record.due_at.value - policy.length,
                    patience=event.patience,
                    share=event.share,
                    deputy=event.who,
                ),
                NOTHING,
            ),
            "due_at": if_else(
                ~policy.renewable.iff(overdue), event.at + policy.length, record.due_at
            ),
        },
        emits={
            TENANT: (),
            REGISTRY: (tell_all, tell_holder.when(record.waiting[event.who].is_known)),
        },
        why="Who has it may keep it.",
        cites="§2",
    ),
    Row.declare(
        "swept-free",
        FREE,
        SWEPT,
        guards=(Guard.declare("pool", in_pool, "it must be of the pool"),),
        sets={"waiting": EMPTY, "holder": NOTHING},
        emits={TENANT: (), REGISTRY: (remember,)},
        why="Nobody waits for ever.",
        cites="§3",
    ),
    Row.declare(
        "seized",
        HELD,
        REQUESTED,
        guards=(
            Guard.declare("other", ~is_holder, "it must be somebody else"),
            Guard.declare("overdue", overdue, "it must be overdue"),
            Guard.declare(
                "patient",
                earlier.is_known & (earlier.value.share.weight <= event.share.weight),
                must="that one must have waited",
            ),
        ),
        sets={"holder": event.who, "last": newcomer, "reason": "seized"},
        emits={
            TENANT: (tell_holder.when(overdue), tell_all),
            REGISTRY: (
                REMEMBER(
                    source=row.source,
                    target=row.target,
                    at=fact.time,
                    overdue=event.at - record.due_at.value,
                ),
                tell_holder.when(event.share.haste != Haste.CALM),
                tell_all,
            ),
        },
        why="Who is late loses it.",
        cites="§2",
    ),
    Row.declare(
        "queued",
        HELD,
        REQUESTED,
        guards=(
            Guard.declare("other", ~is_holder, "it must be somebody else"),
            Guard.declare("in-time", ~overdue, "it must not be overdue"),
        ),
        sets={"waiting": record.waiting.put(event.who, newcomer)},
        emits={TENANT: (tell_deputy, tell_holder), REGISTRY: (tell_holder,)},
        why="Who comes later waits.",
        cites="§2",
    ),
    Row.declare(
        "returned",
        HELD,
        RETURNED,
        FREE,
        guards=(
            Guard.declare("same", is_holder, "it must be the holder"),
            Guard.declare(
                "known",
                earlier.is_known.implies(earlier.value.since <= event.at),
                must="time must not run backwards",
            ),
        ),
        sets={"holder": NOTHING, "due_at": NOTHING},
        emits={TENANT: (tell_last,), REGISTRY: (remember, tell_last)},
        why="It is not needed any more.",
        cites="§2",
    ),
    Row.declare(
        "retired",
        FREE,
        RETURNED,
        RETIRED,
        emits={TENANT: (), REGISTRY: (remember,)},
        why="Whoever returns what is free has no need of it.",
        cites="§4",
    ),
    Row.declare(
        "swept-overdue",
        HELD,
        SWEPT,
        FREE,
        guards=(
            Guard.declare("pool", in_pool, "it must be of the pool"),
            Guard.declare("overdue", overdue, "it must be overdue"),
        ),
        sets={"holder": NOTHING},
        emits={TENANT: (tell_holder,), REGISTRY: (remember, tell_holder)},
        why="Who forgets it loses it.",
        cites="§3",
    ),
)

REFUSALS = (Refusal(RETIRED, (REQUESTED, SWEPT, RETURNED), why="There is no such slot."),)

machine = Machine(
    name="LeaseOfSlot",
    doc="A lease on a slot.",
    sides=(TENANT, REGISTRY),
    states=(FREE, HELD, RETIRED),
    state_sort=LEASE_STATE,
    record=Lease.sort,
    facts=(REQUESTED, SWEPT, RETURNED),
    effects=(NOTIFY, REMEMBER),
    policy=Terms.sort,
    identity=("slot",),
    numbering=Numbering("serial", "last_serial", U64, "The event's number."),
    rows=ROWS,
    refusals=REFUSALS,
    constructors=(
        Constructor.declare("new_lease", "A slot that nobody has.", FREE, ("slot", "strict")),
        Constructor.declare(
            "open_lease",
            "A slot that somebody wants.",
            FREE,
            ("slot", "due_at", "waiting"),
            sets={
                "after": given.due_at.or_else(event.at),
                "strict": given.waiting[event.who].share.weight == 1,
                "last": Waiter(
                    since=given.waiting[event.who].since.or_else(event.at),
                    patience=event.patience,
                    share=event.share,
                    deputy=event.deputy,
                ),
            },
            on="SlotWanted",
        ),
    ),
    rehydration=Rehydration(
        "resume",
        "What is to be done after a restart.",
        (
            (FREE, ()),
            (HELD, (tell_holder.when(record.holder.is_known), tell_all)),
            (RETIRED, (tell_all,)),
        ),
    ),
)
