# mypy: ignore-errors
"""Worlds that start from what they can't, or forget what does not start so."""

from __future__ import annotations

from dataclasses import replace

from steptable.interpreter.evaluate import Tagged
from steptable.sorts import DURATION, INSTANT, TEXT, TRUTH, U64, Bag, Integer, Opaque, Queue
from steptable.terms import seconds
from steptable.world import Instance, Start, Variable, World, payload_sort
from support.faulty.parcel import PACKED, Map, Place, Scan, Speed, parcel
from support.faulty.road import NEW, road, sender, with_sender, with_start, with_variable

LETTERS = payload_sort(parcel)


def a_start_of_an_unknown_instance() -> World:
    # => world 'road', start 'other': there is no instance 'carier'; did you mean
    #    'carrier'? [unknown-name]
    return with_start(Start.declare("other", {"sender": NEW, "carrier": NEW, "carier": NEW}))


def a_start_without_an_instance() -> World:
    # => world 'road', start 'other': it says nothing of 'carrier'; give its record [unset]
    return with_start(Start.declare("other", {"sender": NEW}))


def a_start_with_an_unknown_field() -> World:
    # => world 'road', start 'other', instance 'sender': there is no field 'sped'; did you mean
    #    'speed'? [unknown-name]
    return with_start(Start.declare("other", {"sender": NEW | {"sped": None}, "carrier": NEW}))


def a_start_that_leaves_a_required_field_unset() -> World:
    # => world 'road', start 'other', instance 'sender': it leaves 'address' unset;
    #    give 'address' [unset]
    return with_start(Start.declare("other", {"sender": {"state": PACKED}, "carrier": NEW}))


def a_start_out_of_bounds() -> World:
    return with_start(
        # => world 'road', start 'other', instance 'carrier': 'state' can't be 'Pakced', which is no
        #    ParcelState; did you mean 'Packed'? [out-of-bounds]
        # => world 'road', start 'other', instance 'carrier': 'last' can't be 9, which is no u64 of
        #    this world; write one of: 0, 1, 2, 3, 4, 5 [out-of-bounds]
        # => world 'road', start 'other', instance 'sender': 'address' can't be 'Ulm/6', which is no
        #    Address of this world; did you mean 'Ulm/5'? [out-of-bounds]
        # => world 'road', start 'other', instance 'sender': 'due_at' can't be 7, which is no
        #    instant of this world; write one of: 0, 1 [out-of-bounds]
        # => world 'road', start 'other', instance 'sender': 'grams' can't be 101, which is no
        #    integer 0..100; write an integer from 0 to 100 [out-of-bounds]
        Start.declare(
            "other",
            {
                "sender": NEW | {"due_at": [None, 7], "address": "Ulm/6", "grams": 101},
                "carrier": NEW | {"state": "Pakced", "last": 9},
            },
        )
    )


def a_start_of_an_unknown_variable() -> World:
    # => world 'road', start 'other': there is no variable 'clok'; did you mean
    #    'clock'? [unknown-name]
    return with_start(Start.declare("other", {"sender": NEW, "carrier": NEW}, {"clok": 0}))


def a_start_of_a_variable_out_of_bounds() -> World:
    # => world 'road', start 'other': 'van' can't be 'dor', which is no Place of this world; did you
    #    mean 'door'? [out-of-bounds]
    return with_start(Start.declare("other", {"sender": NEW, "carrier": NEW}, {"van": "dor"}))


def a_start_with_no_choice_at_all() -> World:
    # => world 'road', start 'other', instance 'sender': 'grams' has no value to start with; give at
    #    least one [unset]
    return with_start(Start.declare("other", {"sender": NEW | {"grams": []}, "carrier": NEW}))


def a_free_choice_written_as_a_tuple() -> World:
    # => world 'road', variable 'load': 'load' can't be (1, 2), which is no integer 0..3; write a
    #    list for a free choice [out-of-bounds]
    return with_variable(Variable.declare("load", Integer(0, 3), (1, 2)))


def a_truth_that_is_a_number() -> World:
    # => world 'road', variable 'full': 'full' can't be 1, which is no truth; write one
    #    of: False, True [out-of-bounds]
    return with_variable(Variable.declare("full", TRUTH, 1))


def a_number_that_is_a_truth() -> World:
    # => world 'road', variable 'load': 'load' can't be True, which is no integer 0..3; write an
    #    integer from 0 to 3 [out-of-bounds]
    return with_variable(Variable.declare("load", Integer(0, 3), True))


def a_number_beyond_the_bounds_of_numbers() -> World:
    # => world 'road', variable 'sum': 'sum' can't be 17, which is no u64 of this world; write one
    #    of: 0, 1, 2, 3, 4, 5 [out-of-bounds]
    return with_variable(Variable.declare("sum", U64, 17))


def a_duration_out_of_bounds() -> World:
    # => world 'road', variable 'wait': 'wait' can't be 9, which is no duration of this world; write
    #    one of: 0, 1 [out-of-bounds]
    return with_variable(Variable.declare("wait", DURATION, seconds(9)))


def an_opaque_text_that_is_none() -> World:
    # => world 'road', variable 'note': 'note' can't be {}, which is no opaque text; write
    #    a text [out-of-bounds]
    return with_variable(Variable.declare("note", TEXT, {}))


def an_opaque_flag_that_is_a_number() -> World:
    # => world 'road', variable 'note': 'note' can't be 1, which is no opaque flag;
    #    write True or False [out-of-bounds]
    return with_variable(Variable.declare("note", Opaque("flag"), 1))


def an_opaque_value_of_another_sort() -> World:
    # => world 'road', variable 'note': 'note' can't be {}, which is no truth; write
    #    one of: False, True [out-of-bounds]
    return with_variable(Variable.declare("note", Opaque("value", TRUTH), {}))


def an_opaque_list_with_a_value_of_another_sort() -> World:
    # => world 'road', variable 'note': 'note[1]' can't be 1, which is no Place; write
    #    a text [out-of-bounds]
    return with_variable(Variable.declare("note", Opaque("list", Place), [("door", 1)]))


def an_opaque_map_with_a_value_of_another_sort() -> World:
    # => world 'road', variable 'note': 'note[at]' can't be 'now', which is no instant; write a
    #    number of seconds [out-of-bounds]
    return with_variable(Variable.declare("note", Opaque("map", INSTANT), {"at": "now"}))


def an_opaque_map_by_numbers() -> World:
    # => world 'road', variable 'note': 'note' has the key 1, which is no text; write
    #    a text [out-of-bounds]
    return with_variable(Variable.declare("note", Opaque("map", INSTANT), {1: 2}))


def a_member_that_does_not_exist() -> World:
    # => world 'road', variable 'pace': there is no value of Speed 'FATS'; did you mean
    #    'FAST'? [out-of-bounds]
    return with_variable(Variable.declare("pace", Speed, Speed.FATS))


def a_variable_that_starts_with_an_expression() -> World:
    # => world 'road', variable 'since': 'since' is an expression; write a
    #    plain value [out-of-bounds]
    return with_variable(Variable.declare("since", INSTANT, sender.sent_at))


def a_member_within_a_record() -> World:
    sight = {"speed": Speed.FAST, "seen_at": 0, "remark": None}
    # => world 'road', variable 'sight': 'sight.speed' is an expression;
    #    write 'fast' [out-of-bounds]
    return with_variable(Variable.declare("sight", Scan, sight))


def a_record_that_is_not_whole() -> World:
    # => world 'road', variable 'sight': Scan has no field 'sen_at'; did you mean
    #    'seen_at'? [out-of-bounds]
    # => world 'road', variable 'sight': 'sight' leaves 'seen_at' unset; give 'seen_at', None
    #    for nothing [out-of-bounds]
    # => world 'road', variable 'sight': 'sight' leaves 'remark' unset; give 'remark', None
    #    for nothing [out-of-bounds]
    return with_variable(Variable.declare("sight", Scan, {"speed": "fast", "sen_at": 0}))


def a_record_that_is_a_text() -> World:
    # => world 'road', variable 'sight': 'sight' can't be 'fast', which is no Scan; write a dict
    #    with speed, seen_at, remark [out-of-bounds]
    return with_variable(Variable.declare("sight", Scan, "fast"))


def a_map_with_a_key_out_of_bounds() -> World:
    sight = {"speed": "fastt", "seen_at": 0, "remark": None}
    # => world 'road', variable 'sights': 'sights' has the key 'dor', which is no Place of this
    #    world; did you mean 'door'? [out-of-bounds]
    # => world 'road', variable 'sights': 'sights[dor].speed' can't be 'fastt', which is no Speed;
    #    did you mean 'fast'? [out-of-bounds]
    return with_variable(Variable.declare("sights", Map(Place, Scan.sort), {"dor": sight}))


def a_map_that_is_a_text() -> World:
    # => world 'road', variable 'sights': 'sights' can't be 'door', which is no map from Place to
    #    Scan; write a dict, {} for an empty map [out-of-bounds]
    return with_variable(Variable.declare("sights", Map(Place, Scan.sort), "door"))


def a_queue_that_starts_with_a_text() -> World:
    # => world 'road', variable 'pile': 'pile' can't be 'fast', which is no queue of Speed; write a
    #    tuple, () for an empty queue [out-of-bounds]
    return with_variable(Variable.declare("pile", Queue(Speed.sort, 2), "fast"))


def a_queue_that_starts_with_too_much() -> World:
    # => world 'road', variable 'pile': 'pile' has 3 values, and room for 2; make it longer, or
    #    start with less [out-of-bounds]
    return with_variable(Variable.declare("pile", Queue(Speed.sort, 2), ("fast",) * 3))


def a_queue_that_starts_with_what_it_can_not_hold() -> World:
    # => world 'road', variable 'pile': 'pile[1]' can't be 'slwo', which is no Speed; did you mean
    #    'slow'? [out-of-bounds]
    return with_variable(Variable.declare("pile", Queue(Speed.sort, 2), ("fast", "slwo")))


def a_bag_that_starts_with_too_many() -> World:
    # => world 'road', variable 'pile': 'pile[fast]' can't be 3, which is no integer 0..2; write an
    #    integer from 0 to 2 [out-of-bounds]
    # => world 'road', variable 'pile': 'pile' has the key 'slwo', which is no Speed; did you mean
    #    'slow'? [out-of-bounds]
    return with_variable(Variable.declare("pile", Bag(Speed.sort, 2), {"fast": 3, "slwo": 1}))


def a_bag_that_starts_with_a_tuple() -> World:
    # => world 'road', variable 'pile': 'pile' can't be ('fast',), which is no bag of Speed; write a
    #    dict, {} for an empty bag [out-of-bounds]
    return with_variable(Variable.declare("pile", Bag(Speed.sort, 2), ("fast",)))


def a_payload_of_an_unknown_kind() -> World:
    letter = Tagged("Arived", {"at": 0, "number": 1})
    # => world 'road', variable 'pile': 'pile[0]' can't be Tagged(name='Arived',
    #    fields={'at': 0, 'number': 1}), which is no Payload; write Tagged(kind, fields) with a kind
    #    out of: HandedOver, Scanned, Arrived [out-of-bounds]
    return with_variable(Variable.declare("pile", Queue(LETTERS, 1), (letter,)))


def a_payload_without_its_fields() -> World:
    # => world 'road', variable 'pile': 'pile[0]' leaves 'at' unset; give 'at', None
    #    for nothing [out-of-bounds]
    # => world 'road', variable 'pile': 'pile[0]' leaves 'number' unset; give 'number', None
    #    for nothing [out-of-bounds]
    return with_variable(Variable.declare("pile", Queue(LETTERS, 1), (Tagged("Arrived", {}),)))


def an_instance_that_forgets_an_unknown_field() -> World:
    # => world 'road', instance 'sender': there is no field 'lats'; did you mean
    #    'last'? [unknown-name]
    return with_sender(Instance.declare("sender", parcel, forgets={"lats": 0}))


def an_instance_that_forgets_its_state() -> World:
    # => world 'road', instance 'sender': 'state' is its state, which can't be forgotten; forget
    #    another field [forgets]
    return with_sender(Instance.declare("sender", parcel, forgets={"state": PACKED}))


def an_instance_that_forgets_what_does_not_start_so() -> World:
    instance = Instance.declare("sender", parcel, forgets={"last": 1, "due_at": None})
    # => world 'road', start 'new', instance 'sender': 'last' is forgotten as 1, but does not start
    #    so; start with 1 alone [forgets]
    # => world 'road', start 'new', instance 'sender': 'due_at' is forgotten as None, but does not
    #    start so; start with None alone [forgets]
    start = Start.declare("new", {"sender": NEW | {"due_at": [None, 1]}, "carrier": NEW})
    return replace(road, instances=(instance, road.instances[1]), starts=(start,))
