# ruff: noqa: ERA001  # what is to be said of a line can read like code
"""Names that are unknown, mistyped, given twice, or mean something already."""

from __future__ import annotations

from dataclasses import replace

from steptable.errors import declared_at as here
from steptable.machine import (
    Constructor,
    Effect,
    Fact,
    Guard,
    Machine,
    Numbering,
    Refusal,
    Row,
    Side,
    State,
)
from steptable.sorts import INSTANT, TEXT, Field, Opaque, Optional, Symbol
from steptable.terms import NOTHING, Enumeration, field, part_of, root
from support.faulty.parcel import (
    ARRIVING,
    CARRIER,
    CHARGE,
    EFFECTS,
    FACTS,
    LETTER,
    MOVED,
    PACKED,
    PRINT,
    REFUSALS,
    SCANNED,
    SCANNING,
    SENDER,
    SENDING,
    SENT,
    Address,
    Scan,
    Speed,
    event,
    given,
    parcel,
    record,
    report,
    with_fields,
    with_row,
)


def a_record_field_that_is_mistyped() -> Machine:
    # => row 'arrived', guard 'late': Parcel has no field 'due_ta'; did you
    #    mean 'due_at'? [unknown-name]
    late = Guard.declare("late", record.due_ta.is_known, must="it must be due")
    return with_row(replace(ARRIVING, guards=(*ARRIVING.guards, late)))


def an_event_field_that_is_unlike_any() -> Machine:
    # => row 'sent', guard 'big': HandedOver has no field 'volume'; write one of: at, grams,
    #    number, speed [unknown-name]
    big = Guard.declare("big", event.volume > 3, must="it must be big")
    return with_row(replace(SENDING, guards=(*SENDING.guards, big)))


def a_member_of_an_enumeration() -> Machine:
    # => row 'sent', guard 'fast': there is no value of Speed 'FATS'; did you
    #    mean 'FAST'? [unknown-name]
    fast = Guard.declare("fast", event.speed == Speed.FATS, must="it must be fast")
    return with_row(replace(SENDING, guards=(*SENDING.guards, fast)))


def a_default_that_is_no_member() -> Machine:
    # => Parcel, field 'mood': there is no value of Speed 'FATS'; did you
    #    mean 'FAST'? [unknown-name]
    mood = field(Speed, "How.", default=Speed.FATS, read_by="people")
    return with_fields(replace(mood, name="mood"))


def a_root_that_is_not_there() -> Machine:
    # => row 'arrived', guard 'known': 'recrod' can't be read here; did you
    #    mean 'record'? [unknown-name]
    known = Guard.declare("known", root("recrod").due_at.is_known, must="it must be due")
    return with_row(replace(ARRIVING, guards=(*ARRIVING.guards, known)))


def a_state_as_a_constant() -> Machine:
    elsewhere = State("Packde", "Another machine's.")
    # => row 'sent', guard 'there': the right side is 'Packde', not ParcelState; did you
    #    mean 'Packed'? [sort]
    guard = Guard.declare("there", record.state == elsewhere, must="it must be there")
    return with_row(replace(SENDING, guards=(*SENDING.guards, guard)))


def a_state_as_text() -> Machine:
    # => row 'sent', guard 'there': the right side is 'Packed', not ParcelState; write PACKED as
    #    declared in ParcelState [sort]
    guard = Guard.declare("there", record.state == "Packed", must="it must be there")
    return with_row(replace(SENDING, guards=(*SENDING.guards, guard)))


def an_updated_field() -> Machine:
    row = Row.declare(
        "scanned",
        SENT,
        SCANNED,
        # => row 'scanned': Parcel has no field 'scnas'; did you mean 'scans'? [unknown-name]
        sets={"scnas": record.scans},
        emits={SENDER: (), CARRIER: ()},
        why="It is.",
        cites="§1",
    )
    return with_row(replace(SCANNING, sets=(*SCANNING.sets, *row.sets)))


def a_field_of_an_effect() -> Machine:
    # => row 'scanned', side sender: Print has no field 'adress'; did you
    #    mean 'address'? [unknown-name]
    # => row 'scanned', side sender: Print lacks 'address'; give 'address' [missing-field]
    emits = {SENDER: (PRINT(adress=record.address),), CARRIER: ()}
    row = Row.declare("scanned", SENT, SCANNED, emits=emits, why="It is.", cites="§1")
    return with_row(replace(SCANNING, emits=row.emits))


def a_field_that_is_left_out() -> Machine:
    # => row 'scanned', side carrier: Charge lacks 'note'; give 'note' [missing-field]
    charge = CHARGE(grams=record.grams)
    return with_row(replace(SCANNING, emits=((SENDER, (report,)), (CARRIER, (report, charge)))))


def a_field_of_a_made_record() -> Machine:
    # => row 'scanned': Scan has no field 'seen'; did you mean 'seen_at'? [unknown-name]
    # => row 'scanned': Scan lacks 'seen_at'; give 'seen_at' [missing-field]
    scan = Scan(speed=event.speed, seen=event.at)
    sets = (("scans", record.scans.put(event.place, scan).node),)
    return with_row(replace(SCANNING, sets=sets))


def a_state_of_a_row() -> Machine:
    # => row 'scanned': the machine has no state 'Delivred'; did you
    #    mean 'Delivered'? [unknown-name]
    return with_row(replace(SCANNING, target=State("Delivred", ""), at=here()))


def a_state_that_is_declared_otherwise() -> Machine:
    # => row 'scanned': state 'Sent' is declared otherwise than the machine's; use one declaration
    #    in both places [unknown-name]
    return with_row(replace(SCANNING, target=replace(SENT, doc="Another."), at=here()))


def a_fact_of_a_row() -> Machine:
    seen = replace(SCANNED, name="Seen")
    return with_row(
        # => row 'scanned': the machine has no fact 'Seen'; write one of: Arrived,
        #    HandedOver, Scanned [unknown-name]
        replace(SCANNING, fact=seen, at=here()),
        refusals=(*REFUSALS, Refusal(SENT, (SCANNED,), why="")),
    )


def a_fact_of_a_refusal() -> Machine:
    seen = replace(SCANNED, name="Scaned")
    # => refusal of 'Packed': the machine has no fact 'Scaned'; did you
    #    mean 'Scanned'? [unknown-name]
    extra = Refusal(PACKED, (seen,), why="")
    return replace(parcel, refusals=(*REFUSALS, extra))


def a_state_of_a_refusal() -> Machine:
    # => refusal of 'Lost': the machine has no state 'Lost'; write one of: Delivered,
    #    Packed, Sent [unknown-name]
    extra = Refusal(State("Lost", ""), FACTS, why="")
    return replace(parcel, refusals=(*REFUSALS, extra))


def an_effect_that_is_not_listed() -> Machine:
    ring = Effect.declare("Ring", "Ring the bell.", side=CARRIER)
    # => row 'scanned': the machine has no effect 'Ring'; write one of: Charge, Keep, Moved,
    #    Print, Tell [unknown-name]
    emits = ((SENDER, (report,)), (CARRIER, (report, ring())))
    return with_row(replace(SCANNING, emits=emits))


def sides_that_the_machine_does_not_have() -> Machine:
    thief = Side("thief")
    # => effect 'Ring': the machine has no side 'thief'; write one of:
    #    carrier, sender [unknown-name]
    ring = Effect.declare("Ring", "", side=thief, emitted_by="a thief")
    # => row 'scanned': the machine has no side 'thief'; write one of:
    #    carrier, sender [unknown-name]
    row = replace(SCANNING, emits=(*SCANNING.emits, (thief, ())), at=here())
    return with_row(row, effects=(*EFFECTS, ring))


# => (elsewhere) Parcel, field 'last': nothing reads it; say who reads it with read_by=..., or
#    remove it [never-read]
def the_parts_around_the_rows() -> Machine:
    return replace(
        parcel,
        # => envelope 'Letter': the envelope has no field 'contents'; did you
        #    mean 'content'? [unknown-name]
        # => envelope 'Letter': the machine has no side 'currier'; did you
        #    mean 'carrier'? [unknown-name]
        # => machine 'Parcel', identity: Parcel has no field 'adress'; did you
        #    mean 'address'? [unknown-name]
        # => machine 'Parcel', numbering: Parcel has no field 'lsat'; did you
        #    mean 'last'? [unknown-name]
        at=here(),
        identity=("adress",),
        numbering=Numbering("number", "lsat"),
        wire=replace(LETTER, event_field="contents", receiver=Side("currier")),
    )


def the_parts_of_a_constructor() -> Machine:
    # => constructor 'new': the machine has no state 'Packt'; did you mean 'Packed'? [unknown-name]
    # => constructor 'new': Parcel has no field 'adress'; did you mean 'address'? [unknown-name]
    # => constructor 'new': the machine has no event 'GaveAwy'; did you
    #    mean 'GaveAway'? [unknown-name]
    new = Constructor.declare("new", "", State("Packt", ""), ("adress",), on="GaveAwy")
    # => constructor 'unset': it leaves 'address' unset; take 'address' as an argument, or
    #    compute it [unset]
    unset = Constructor.declare("unset", "", PACKED, ("due_at",))
    # => constructor 'twice': 'address' is given twice; keep one [duplicate-name]
    twice = Constructor.declare("twice", "", PACKED, ("address",), sets={"address": given.address})
    # => constructor 'shared': 'last' is set here; remove it: the machine sets it for all rows and
    #    constructors alike [shared-field]
    shared = Constructor.declare("shared", "", PACKED, ("address", "last"))
    return replace(parcel, constructors=(*parcel.constructors, new, unset, twice, shared))


def a_part_of_a_composite() -> Machine:
    city = Symbol("Twon")
    # => row 'sent', guard 'in-town': Address has no part 'Twon'; did you
    #    mean 'Town'? [unknown-name]
    guard = Guard.declare("in-town", part_of(record.address, Address, city) == "Ulm", must="")
    return with_row(replace(SENDING, guards=(*SENDING.guards, guard)))


def what_is_set_for_all_rows() -> Machine:
    # => row 'scanned': 'state' is set here; remove it: the machine sets it for all rows and
    #    constructors alike [shared-field]
    row = Row.declare(
        "scanned",
        SENT,
        SCANNED,
        emits={},
        why="It is.",
        cites="§1",
        # => row 'scanned': 'last' is set here; remove it: the machine sets it for all rows and
        #    constructors alike [shared-field]
        sets={"last": event.number, "state": SENT},
    )
    return with_row(replace(SCANNING, sets=(*SCANNING.sets, *row.sets)))


def names_given_twice() -> Machine:
    # => row 'sent', guard 'light': the row has another guard of that name;
    #    rename one [duplicate-name]
    # => row 'sent', guard 'light': it can never refuse in state 'Packed' once the guards before it
    #    hold; correct the condition, or remove the guard [never-refuses]
    light = replace(SENDING.guards[0], at=here())
    # => row 'arrived': there is another row of that name at {ARRIVING.at};
    #    rename one [duplicate-name]
    again = replace(SCANNING, name="arrived", at=here())
    # => effect 'Moved': there is another effect of that name at {MOVED.at};
    #    rename one [duplicate-name]
    ring = Effect.declare(MOVED.name, "Another.", side=None, emitted_by="people")
    return replace(
        with_row(replace(SENDING, guards=(*SENDING.guards, light))),
        rows=(replace(SENDING, guards=(*SENDING.guards, light)), ARRIVING, again),
        effects=(*EFFECTS, ring),
    )


# => (elsewhere) sort 'Speed': there is an event of that name; rename one [duplicate-name]
def names_that_become_types() -> Machine:
    halves = {SENDER: "Speed", CARRIER: "Event"}
    # => event 'Event': every reducer defines something of that name itself; write
    #    another name [reserved-name]
    # => fact 'Not-A-Name': the name is no identifier of Python; write another name [reserved-name]
    lost = Fact.declare("Not-A-Name", "", halves=halves, time="at", durable=True, at=field(INSTANT))
    refusals = tuple(replace(r, facts=(*r.facts, lost)) for r in REFUSALS)
    return replace(parcel, facts=(*FACTS, lost), refusals=refusals)


def sorts_of_one_name() -> Machine:
    other = Enumeration("Speed", "Another.", FAST="fast", QUICK="fast")
    # => sort 'Speed': there is another sort of that name; rename one [duplicate-name]
    # => sort 'Speed': two of its members are called 'fast'; rename one [duplicate-name]
    extra = replace(field(other, read_by="people", default=other.QUICK), name="extra")
    return with_fields(extra)


def fields_that_cannot_be_called_so() -> Machine:
    # => Parcel, field 'value': '.value' has a meaning of its own in expressions; write
    #    another name [reserved-name]
    value = replace(field(TEXT, default="", read_by="people"), name="value")
    # => Parcel, field 'from': the name is no identifier of Python; write
    #    another name [reserved-name]
    keyword = replace(field(TEXT, default="", read_by="people"), name="from")
    # => Parcel, field 'address': there is another field of that name; rename one [duplicate-name]
    twice = replace(field(TEXT, default="", read_by="people"), name="address")
    # => Parcel, field '_hidden': '._hidden' has a meaning of its own in expressions; write
    #    another name [reserved-name]
    hidden = replace(field(TEXT, default="", read_by="people"), name="_hidden")
    return with_fields(value, keyword, twice, hidden)


def an_opaque_sort_of_no_known_shape() -> Machine:
    # => Parcel, field 'odd': there is no opaque txt; write text, number, flag or payload; or list,
    #    map or value with a sort [unknown-name]
    odd = field(Optional(Opaque("txt")), read_by="people")
    return with_row(
        replace(SCANNING, sets=(*SCANNING.sets, ("odd", NOTHING.node))),
        record=parcel.record.with_fields(replace(odd, name="odd")),
    )


def a_field_without_a_place() -> Machine:
    # => Parcel, field 'value': '.value' has a meaning of its own in expressions; write
    #    another name [reserved-name]
    return replace(with_fields(Field("value", TEXT, default="", read_by="people")), at=here())


def a_variable_that_hides_a_root() -> Machine:
    # => row 'sent', guard 'hidden': the variable 'record' has the name of what can be read here;
    #    rename the variable [duplicate-name]
    hidden = record.scans.every(lambda record: record.speed == Speed.FAST)
    return with_row(replace(SENDING, guards=(Guard.declare("hidden", hidden, must=""),)))
