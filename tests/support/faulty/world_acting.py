# mypy: ignore-errors
"""Actions, deliveries and reactions that do not fit the world they are in."""

from __future__ import annotations

from dataclasses import replace

from steptable.machine import Fact
from steptable.properties import emits, rerun, step
from steptable.sorts import INSTANT, Integer, Map, Queue, Symbol
from steptable.terms import EMPTY, field, if_else, instant, root
from steptable.world import (
    Action,
    Instance,
    Variable,
    World,
    choice,
    deliver,
    effect,
    payload_sort,
    receive,
)
from support.faulty.lamp import FACTS, HOUSE, HUM, lamp
from support.faulty.parcel import MOVED, TELL, Speed, parcel
from support.faulty.road import (
    CARRIER,
    PRICE,
    carrier,
    clock,
    head,
    letters,
    lost,
    road,
    seen,
    sender,
    trips,
    van,
    with_action,
    with_bulb,
    with_sender,
)


def a_guard_that_reads_what_is_not_there() -> World:
    # => world 'road', action 'go': 'clokc' can't be read here; did you mean 'clock'? [unknown-name]
    return with_action(Action.declare("go", guard=root("clokc") > instant(0)))


def a_guard_that_is_a_number() -> World:
    # => world 'road', action 'go': its guard has sort integer 0..2, not truth; write a value of
    #    sort truth [sort]
    return with_action(Action.declare("go", guard=trips))


def a_guard_that_reads_an_unknown_field() -> World:
    # => world 'road', action 'go': Parcel has no field 'lats'; did you mean 'last'? [unknown-name]
    return with_action(Action.declare("go", guard=sender.lats > 0))


def a_guard_that_reads_an_unknown_choice() -> World:
    # => world 'road', action 'go': choice has no field 'sped'; did you mean 'speed'? [unknown-name]
    return with_action(Action.declare("go", choices={"speed": Speed}, guard=choice.sped == "fast"))


def a_guard_with_a_text_that_is_no_member() -> World:
    # => world 'road', action 'go': the right side is 'fsat', which is no Speed; did you mean
    #    'fast'? [out-of-bounds]
    return with_action(Action.declare("go", guard=sender.speed == "fsat"))


def a_guard_with_a_text_out_of_bounds() -> World:
    # => world 'road', action 'go': the right side is 'dor', which is no Place of this world; did
    #    you mean 'door'? [out-of-bounds]
    return with_action(Action.declare("go", guard=van == "dor"))


def a_guard_with_a_text_for_a_number() -> World:
    # => world 'road', action 'go': the right side is 'two', not integer 0..2; write a value of sort
    #    integer 0..2 [sort]
    return with_action(Action.declare("go", guard=trips == "two"))


def a_guard_with_a_state_that_is_not_there() -> World:
    # => world 'road', action 'go': the right side is 'Lost', which is no ParcelState; write one
    #    of: Delivered, Packed, Sent [out-of-bounds]
    return with_action(Action.declare("go", guard=sender.state == "Lost"))


def a_guard_with_a_key_out_of_bounds() -> World:
    # => world 'road', action 'go': the key is 'dor', which is no Place of this world; did you mean
    #    'door'? [out-of-bounds]
    return with_action(Action.declare("go", guard=sender.scans["dor"].is_known))


def a_guard_that_compares_records() -> World:
    # => world 'road', action 'go': Parcel can't be compared; it has opaque parts; compare
    #    its fields [sort]
    return with_action(Action.declare("go", guard=sender == carrier))


def a_guard_that_speaks_of_events() -> World:
    # => world 'road', action 'go': it speaks of an event, and there is none here; ask it in a
    #    property over events [no-event]
    return with_action(Action.declare("go", guard=emits(step, TELL) > 0))


def a_guard_that_asks_for_another_outcome() -> World:
    # => world 'road', action 'go': it speaks of an event, and there is none here; ask it in a
    #    property over events [no-event]
    return with_action(Action.declare("go", guard=rerun(half="other").accepted))


def a_length_of_what_is_no_queue() -> World:
    # => world 'road', action 'go': integer 0..2 is no queue; use a variable that is a queue [sort]
    return with_action(Action.declare("go", guard=trips.queued > 0))


def a_count_in_what_is_no_bag() -> World:
    # => world 'road', action 'go': queue of Payload is no bag; use a variable that is a bag [sort]
    return with_action(Action.declare("go", guard=letters.count_of("fast") > 0))


def a_length_of_what_is_not_there() -> World:
    # => world 'road', action 'go': 'lettres' can't be read here; did you mean
    #    'letters'? [unknown-name]
    return with_action(Action.declare("go", guard=(root("lettres").queued > 0)))


def a_head_that_may_not_be_there() -> World:
    # => world 'road', action 'go': the optional may be empty here; establish it first: x.is_known &
    #    ..., or x.is_known.implies(...) [unguarded-value]
    return with_action(Action.declare("go", guard=head.value.kind == "Arrived"))


def a_field_that_not_every_payload_has() -> World:
    # => world 'road', action 'go': not every case of Payload has a field 'place'; read one
    #    of: kind, at, number [not-shared]
    return with_action(Action.declare("go", guard=head.is_known & (head.value.place == "door")))


def a_kind_that_no_payload_has() -> World:
    # => world 'road', action 'go': the right side is 'Arived', which is no kind; did you mean
    #    'Arrived'? [out-of-bounds]
    return with_action(Action.declare("go", guard=head.is_known & (head.value.kind == "Arived")))


def a_queue_that_takes_what_it_can_not_hold() -> World:
    # => world 'road', action 'go': the value is 'fast', not Payload; write a value of
    #    sort Payload [sort]
    return with_action(Action.declare("go", sets={"letters": letters.push("fast")}))


def a_bag_that_takes_what_it_can_not_hold() -> World:
    # => world 'road', action 'go': the value is 'Packt', which is no ParcelState; did you mean
    #    'Packed'? [out-of-bounds]
    return with_action(Action.declare("go", sets={"seen": seen.add("Packt")}))


def a_queue_of_another_capacity() -> World:
    # => world 'road', action 'go': 'pile' has sort queue of Payload, not queue of Payload; give
    #    both queues the same capacity [sort]
    world = with_action(Action.declare("go", sets={"pile": letters}))
    pile = Variable.declare("pile", Queue(payload_sort(parcel), 3), ())
    return replace(world, variables=(*road.variables, pile))


def a_variable_that_is_set_to_another_sort() -> World:
    # => world 'road', action 'go': 'trips' has sort instant, not integer 0..2; write a value of
    #    sort integer 0..2 [sort]
    return with_action(Action.declare("go", sets={"trips": clock, "lost": van.is_known}))


def a_variable_that_is_set_to_a_choice_of_texts() -> World:
    # => world 'road', action 'go': 'van' is 'dor', which is no Place of this world; did you mean
    #    'door'? [out-of-bounds]
    return with_action(Action.declare("go", sets={"van": if_else(lost, "dor", van)}))


def an_unknown_variable_that_is_set() -> World:
    # => world 'road', action 'go': there is no variable 'tripps'; did you mean
    #    'trips'? [unknown-name]
    return with_action(Action.declare("go", sets={"tripps": trips + 1}))


def an_instance_that_is_set_and_reached() -> World:
    events = [deliver("sender", "HeardOfArrival", PRICE, number=1, at=clock)]
    # => world 'road', action 'go': 'sender' is an instance, which only an action without events for
    #    it sets; deliver an event instead [not-settable]
    return with_action(Action.declare("go", sets={"sender": carrier}, events=events))


def an_instance_that_is_set_to_what_is_no_record_of_it() -> World:
    # => world 'road', action 'go': Parcel has no field 'scan'; did you mean 'scans'? [unknown-name]
    return with_action(Action.declare("go", sets={"sender": sender.with_fields(scan=EMPTY)}))


def a_delivery_to_an_unknown_instance() -> World:
    # => world 'road', action 'go': there is no instance 'sendr'; did you mean
    #    'sender'? [unknown-name]
    return with_action(Action.declare("go", events=[deliver("sendr", "GaveAway", PRICE)]))


def a_delivery_of_an_unknown_event() -> World:
    # => world 'road', action 'go': there is no event 'GaveAwy'; did you mean
    #    'GaveAway'? [unknown-name]
    return with_action(Action.declare("go", events=[deliver("sender", "GaveAwy", PRICE)]))


def a_delivery_with_wrong_fields() -> World:
    # => world 'road', action 'go': Prices has no field 'limt'; did you mean 'limit'? [unknown-name]
    # => world 'road', action 'go': GaveAway has no field 'gram'; did you mean
    #    'grams'? [unknown-name]
    # => world 'road', action 'go': 'speed' is 'fats', which is no Speed; did you mean
    #    'fast'? [out-of-bounds]
    events = [deliver("sender", "GaveAway", {"limt": 5}, number=clock, gram=3, speed="fats")]
    # => world 'road', action 'go': 'number' has sort instant, not u64; write a value of
    #    sort u64 [sort]
    return with_action(Action.declare("go", events=events))


def a_delivery_of_an_event_whose_map_nobody_gives() -> World:
    parts = {"at": field(INSTANT), "watts": field(Map(Symbol("Room"), Integer(0, 9)))}
    told = Fact.declare("Told", "", halves={HOUSE: "Tell"}, time="at", durable=True, **parts)
    bulb = lamp(facts=(*FACTS, told))
    # => world 'road', action 'go': nobody can choose 'watts' of Tell, a map from Room to integer
    #    0..9; give 'watts' [not-choosable]
    return with_bulb(bulb, Action.declare("go", events=[deliver("bulb", "Tell", number=1)]))


def a_payload_for_a_machine_without_a_wire() -> World:
    # => world 'road', action 'go': 'bulb' receives nothing, since its machine has no wire; deliver
    #    an event [no-wire]
    events = [receive("bulb", head.value)]
    return with_bulb(lamp(), Action.declare("go", guard=head.is_known, events=events))


def a_payload_that_is_none() -> World:
    # => world 'road', action 'go': what is received has sort optional Payload, not Payload; take
    #    its .value where .is_known is established, or write .or_else(...) [sort]
    return with_action(Action.declare("go", events=[receive("carrier", letters.head)]))


def a_fairness_that_is_misspelt() -> World:
    # => world 'road', action 'go': there is no fairness 'strnog'; did you mean
    #    'strong'? [unknown-name]
    return with_action(Action.declare("go", fair="strnog"))


def a_reaction_to_an_effect_of_another_machine() -> World:
    # => world 'road', instance 'sender': there is no effect 'Hum'; write one
    #    of: Charge, Keep, Moved, Print, Tell [unknown-name]
    return with_sender(Instance.declare("sender", parcel, on={HUM: {"lost": True}}))


def a_reaction_that_sets_what_is_not_there() -> World:
    # => world 'road', instance 'sender', on 'Tell': there is no variable 'leters'; did you mean
    #    'letters'? [unknown-name]
    return with_sender(Instance.declare("sender", parcel, on={TELL: {"leters": letters.pop()}}))


def a_reaction_that_sets_an_instance() -> World:
    # => world 'road', instance 'sender', on 'Tell': 'carrier' is an instance, which only an action
    #    without events for it sets; deliver an event instead [not-settable]
    return with_sender(Instance.declare("sender", parcel, on={TELL: {"carrier": sender}}))


def a_reaction_that_reads_an_unknown_field() -> World:
    # => world 'road', instance 'sender', on 'Moved': Moved has no field 'taget'; did you mean
    #    'target'? [unknown-name]
    return with_sender(Instance.declare("sender", parcel, on={MOVED: {"lost": effect.taget == 1}}))


def a_reaction_that_reads_a_choice() -> World:
    # => world 'road', instance 'sender', on 'Moved': 'choice' can't be read here; write one
    #    of: carrier, clock, effect, letters, lost, seen, sender, trips, van [unknown-name]
    return with_sender(Instance.declare("sender", parcel, on={MOVED: {"lost": choice.lost}}))


def a_reaction_of_another_sort() -> World:
    # => world 'road', instance 'sender', on 'Moved': 'lost' has sort ParcelState, not truth; write
    #    a value of sort truth [sort]
    return with_sender(Instance.declare("sender", parcel, on={MOVED: {"lost": effect.target}}))


# => (elsewhere) world 'road', start 'new': it says nothing of 'event'; give its record [unset]
def several_faults_at_once() -> World:
    return replace(
        road,
        actions=(
            *road.actions,
            # => world 'road', action 'go': there is no fairness 'week'; did you mean
            #    'weak'? [unknown-name]
            # => world 'road', action 'go': there is no variable 'lots'; did you mean
            #    'lost'? [unknown-name]
            # => world 'road', action 'go': the right side is 'dor', which is no Place of this
            #    world; did you mean 'door'? [out-of-bounds]
            Action.declare("go", guard=van == "dor", sets={"lots": True}, fair="week"),
            Action.declare(
                "stop",
                # => world 'road', action 'stop': there is no event 'GiveAway'; did you mean
                #    'GaveAway'? [unknown-name]
                # => world 'road', action 'stop': there is no instance 'lorry'; write one
                #    of: carrier, event, sender [unknown-name]
                events=[deliver("sender", "GiveAway"), deliver("lorry", "Sent")],
            ),
        ),
        # => world 'road', instance 'event': 'event' has a meaning of its own in expressions; write
        #    another name [reserved-name]
        instances=(*road.instances, Instance.declare("event", parcel)),
        at=CARRIER.at,
    )
