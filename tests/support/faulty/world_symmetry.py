# mypy: ignore-errors
"""Worlds that call interchangeable what is not there, not twice, or not in the same parts."""

from __future__ import annotations

from dataclasses import replace

from steptable.errors import declared_at as here
from steptable.sorts import TRUTH, Symbol
from steptable.world import Alike, Variable, World
from support.faulty.parcel import Place
from support.faulty.road import CARRIER, SENDER, VARIABLES, bounded, road, with_alike, with_variable


def interchangeable_values_of_what_there_is_not() -> World:
    # => world 'road': nothing in this world is a Room,
    #    so it can't be interchangeable; remove it [unused-symmetry]
    return replace(road, interchangeable=(Symbol("Room"),), at=here())


def a_single_member() -> World:
    # => world 'road', alike 'sender': it takes two to change places;
    #    name all members that are alike [unused-symmetry]
    return with_alike(Alike(("sender",)))


def no_members() -> World:
    # => world 'road', alike nobody: it takes two to change places;
    #    name all members that are alike [unused-symmetry]
    return with_alike(Alike(()))


def a_member_that_is_there_twice() -> World:
    # => world 'road', alike 'sender', 'carrier', 'sender': 'sender'
    #    is there twice; name each member once [bad-member]
    return with_alike(Alike(("sender", "carrier", "sender")))


def a_member_that_is_nowhere() -> World:
    # => world 'road', alike 'sender', 'career': no instance, variable or value of this world
    #    has 'career' in its name; remove it, or write the
    #    very word that stands in their names [unused-symmetry]
    return with_alike(Alike(("sender", "career")))


def a_member_that_is_only_a_part_of_a_word() -> World:
    # => world 'road', alike 'sender', 'car': no instance, variable or value of this world has
    #    'car' in its name; remove it, or write the
    #    very word that stands in their names [unused-symmetry]
    return with_alike(Alike(("sender", "car")))


def a_member_that_is_no_word() -> World:
    # => world 'road', alike 'sender', '': '' can't be a word of a name; begin
    #    and end it with a letter or a digit [bad-member]
    return with_alike(Alike(("sender", "")))


def a_member_of_two_families() -> World:
    family = Alike(("sender", "carrier"))
    # => world 'road', alike 'carrier', 'van': 'carrier' is alike
    #    to 'sender' already; name all that are alike in one place [bad-member]
    return with_alike(family, Alike(("carrier", "van")))


def a_member_whose_name_is_within_another() -> World:
    street = with_variable(Variable.declare("van_2", TRUTH, False))
    # => world 'road', alike 'van', 'van_2': 'van' is a word of 'van_2',
    #    which is a member, too; rename one [bad-member]
    return with_alike(Alike(("van", "van_2")), of=street)


def a_member_that_is_a_value_of_what_is_interchangeable() -> World:
    # => world 'road', alike 'depot', 'door': 'depot' is in a value of Place, which is
    #    interchangeable, too; leave one of them out [bad-member]
    # => world 'road', alike 'depot', 'door': 'door' is in a value of Place, which is
    #    interchangeable, too; leave one of them out [bad-member]
    return with_alike(Place, Alike(("depot", "door")))


def members_that_have_different_variables() -> World:
    street = with_variable(Variable.declare("sender_waits", TRUTH, False))
    # => world 'road', alike 'sender', 'carrier': there is variable 'sender_waits', but no
    #    'carrier_waits'; give all members the same, or leave one out [unlike-members]
    return with_alike(Alike(("sender", "carrier")), of=street)


def members_of_which_one_is_an_instance_and_one_a_variable() -> World:
    # => world 'road', alike 'sender', 'van': there is instance 'sender', but no 'van'; give all
    #    members the same, or leave one out [unlike-members]
    # => world 'road', alike 'sender', 'van': there is variable 'van', but no 'sender'; give all
    #    members the same, or leave one out [unlike-members]
    return with_alike(Alike(("sender", "van")))


def members_of_which_one_lacks_a_value() -> World:
    symbols = (*road.bounds.symbols[:3], (Place, ("depot", "door", "sender's door")))
    street = replace(road, bounds=bounded(symbols=symbols))
    # => world 'road', alike 'sender', 'carrier': there is the Place 'sender's door', but no
    #    'carrier's door'; give all members the same, or leave one out [unlike-members]
    return with_alike(Alike(("sender", "carrier")), of=street)


def three_members_of_which_the_second_lacks_something() -> World:
    names = ("van_1_full", "van_2", "van_3_full")
    added = tuple(Variable.declare(name, TRUTH, False) for name in names)
    street = replace(road, variables=(*VARIABLES, *added))
    # => world 'road', alike '1', '2', '3': there is variable 'van_1_full', but no 'van_2_full';
    #    give all members the same, or leave one out [unlike-members]
    # => world 'road', alike '1', '2', '3': there is variable 'van_2', but no 'van_1'; give all
    #    members the same, or leave one out [unlike-members]
    # => world 'road', alike '1', '2', '3': there is variable 'van_2', but no 'van_3'; give all
    #    members the same, or leave one out [unlike-members]
    return with_alike(Alike(("1", "2", "3")), of=street)


def something_else_that_is_interchangeable() -> World:
    # => world 'road': an item of 'interchangeable' is an Instance 'sender', not a Symbol or an
    #    Alike; write a Symbol or an Alike [wrong-kind]
    return replace(road, interchangeable=(SENDER,), at=here())


def members_that_are_instances() -> World:
    # => world 'road': an item of 'members' of Alike is
    #    an Instance 'sender', not text; write text [wrong-kind]
    # => world 'road': an item of 'members' of Alike is
    #    an Instance 'carrier', not text; write text [wrong-kind]
    return with_alike(Alike((SENDER, CARRIER)))


def members_that_are_one_text() -> World:
    # => world 'road': 'members' of Alike is the text 'sender', not a tuple; write (x,) for a
    #    tuple of one, and () for an empty one [wrong-kind]
    return with_alike(Alike("sender"))
