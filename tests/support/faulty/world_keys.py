# mypy: ignore-errors
"""Worlds with keys that no map has, and machines with maps that no program has."""

from __future__ import annotations

from dataclasses import replace

from steptable.machine import Machine
from steptable.sorts import TRUTH, U64, Bag, Integer, Map, set_of, words
from steptable.terms import EMPTY, field, root
from steptable.world import Action, Variable, World
from support.faulty.parcel import Place, Speed, with_fields
from support.faulty.road import with_variable

LIGHT = words("Light", "off", "half way", "on")
SLOT = Integer(0, 2)
LIT = Map(LIGHT, SLOT, total=True)


def _with(act: Action) -> World:
    world = with_variable(Variable.declare("lit", LIT, dict.fromkeys(LIGHT.values, 0)))
    return replace(world, actions=(*world.actions, act))


def a_map_by_any_number() -> World:
    # => world 'road', variable 'lit': a map from u64 to truth has too many keys to go through; give
    #    the integer a range of its own, such as Integer(0, 7) [bad-sort]
    return with_variable(Variable.declare("lit", Map(U64, TRUTH), {}))


def a_bag_of_any_number() -> World:
    # => world 'road', variable 'lit': a bag of u64 has too many keys to go through; give the
    #    integer a range of its own, such as Integer(0, 7) [bad-sort]
    return with_variable(Variable.declare("lit", Bag(U64, 2), {}))


def a_map_by_no_number() -> World:
    # => world 'road', variable 'lit': no number lies from 3 to 1; write the lower
    #    one first [bad-sort]
    return with_variable(Variable.declare("lit", Map(Integer(3, 1), TRUTH), {}))


def a_map_by_truths() -> World:
    # => variable 'lit': 'key' of Map is a Truth, not a Symbol or an Enum or an Integer; write a
    #    Symbol or an Enum or an Integer [wrong-kind]
    return with_variable(Variable.declare("lit", Map(TRUTH, TRUTH), {}))


def a_map_by_an_enumeration_itself() -> World:
    # => variable 'lit': 'key' of Map is the Enumeration Speed, not a Symbol or an Enum or an
    #    Integer; write Speed.sort [wrong-kind]
    return with_variable(Variable.declare("lit", Map(Speed, TRUTH), {}))


def a_word_twice() -> World:
    # => world 'road', variable 'lit': two of the values of Light are called 'on';
    #    rename one [bad-sort]
    return with_variable(Variable.declare("lit", words("Light", "on", "off", "on"), "off"))


def a_key_that_is_none() -> World:
    # => world 'road', variable 'lit': 'lit' has the key 'onn', which is no Light; did you mean
    #    'on'? [out-of-bounds]
    # => world 'road', variable 'lit': 'lit' has the key 1, which is no Light; write one of:
    #    half way, off, on [out-of-bounds]
    return with_variable(Variable.declare("lit", Map(LIGHT, SLOT), {"onn": 0, 1: 0}))


def a_truth_for_the_key_of_a_number() -> World:
    # => world 'road', variable 'lit': 'lit' has the key True, which is no integer 0..2; write an
    #    integer from 0 to 2 [out-of-bounds]
    # => world 'road', variable 'lit': 'lit' has the key '2', which is no integer 0..2; write an
    #    integer from 0 to 2 [out-of-bounds]
    return with_variable(Variable.declare("lit", Map(SLOT, LIGHT), {True: "on", "2": "on"}))


def a_set_of_what_it_can_not_hold() -> World:
    # => world 'road', variable 'lit': 'lit' has the key 3, which is no integer 0..2; write an
    #    integer from 0 to 2 [out-of-bounds]
    return with_variable(Variable.declare("lit", set_of(SLOT), {0, 3}))


def a_total_map_that_leaves_keys_out() -> World:
    # => world 'road', variable 'lit': 'lit' is a total map from Light to integer 0..2, and has no
    #    value of 'half way'; give a value to every key [out-of-bounds]
    # => world 'road', variable 'lit': 'lit' is a total map from Light to integer 0..2, and has no
    #    value of 'on'; give a value to every key [out-of-bounds]
    return with_variable(Variable.declare("lit", LIT, {"off": 0}))


def a_total_map_that_is_emptied() -> World:
    # => world 'road', action 'turns': 'lit' is an empty map, not total map from Light to integer
    #    0..2; change a map that has all keys by .put(...) [sort]
    return _with(Action.declare("turns", sets={"lit": EMPTY}))


def what_is_left_of_a_total_map() -> World:
    # => world 'road', action 'turns': a total map from Light to integer 0..2 has a value of every
    #    key, and what is left of it has not; write .every(...), or declare a map
    #    without total [sort]
    return _with(Action.declare("turns", sets={"lit": root("lit").where(lambda slot: slot > 0)}))


def a_look_up_in_a_total_map_that_is_taken_for_an_optional() -> World:
    lit = root("lit")
    # => world 'road', action 'turns': integer 0..2 is no optional; use the value itself [sort]
    off = lit["off"].or_else(0)
    return _with(Action.declare("turns", sets={"lit": lit.put("on", off)}))


# => (elsewhere) constructor 'given_away': it leaves 'seen' unset; take 'seen' as an argument, or
#    compute it [unset]
# => (elsewhere) constructor 'packed': it leaves 'seen' unset; take 'seen' as an argument, or
#    compute it [unset]
def a_total_map_that_a_program_would_hold() -> Machine:
    # => Parcel, field 'seen': a total map from Speed to truth is something of a world, and no
    #    program has one; declare a map without total, whose values are optionals when
    #    looked up [bad-sort]
    seen = field(Map(Speed.sort, TRUTH, total=True), read_by="people")
    return with_fields(replace(seen, name="seen"))


# => (elsewhere) Parcel, field 'seen': nothing writes it; set it in a row or a constructor, or
#    remove it [never-written]
def a_map_by_any_number_in_a_program() -> Machine:
    # => Parcel, field 'seen': a map from u64 to Place has too many keys to go through; give the
    #    integer a range of its own, such as Integer(0, 7) [bad-sort]
    seen = field(Map(U64, Place), read_by="people")
    return with_fields(replace(seen, name="seen"))
