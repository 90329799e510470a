# mypy: ignore-errors
"""Worlds whose names, bounds and sorts are wrong, and parts of worlds that are something else."""

from __future__ import annotations

from dataclasses import replace

from steptable.errors import declared_at as here
from steptable.machine import Fact, Guard, Row
from steptable.sorts import (
    DURATION,
    TRUTH,
    Bag,
    Enum,
    Field,
    Integer,
    Opaque,
    Optional,
    Queue,
    Record,
    Symbol,
    Variant,
)
from steptable.terms import field, root
from steptable.world import Action, Instance, Variable, World
from support.faulty.lamp import (
    BROKEN,
    BURNT,
    FACTS,
    HOUSE,
    LIT,
    SWITCH_OFF,
    SWITCH_ON,
    lamp,
)
from support.faulty.parcel import HANDED_OVER, Address, Place, Speed, parcel
from support.faulty.road import (
    ACTIONS,
    CARRIER,
    LOST,
    PROPERTIES,
    READ,
    START,
    VARIABLES,
    WAITING,
    bounded,
    letters,
    road,
    with_action,
    with_bulb,
    with_promise,
    with_sender,
    with_start,
    with_variable,
)

BULB = Instance.declare("bulb", lamp())


def a_world_without_starts() -> World:
    # => world 'road': it starts nowhere; declare a Start [no-starts]
    return replace(road, starts=(), at=here())


def a_world_in_which_nothing_can_happen() -> World:
    # => world 'road': nothing can happen; declare an Action [no-actions]
    return replace(road, actions=(), properties=(), at=here())


def two_instances_of_one_name() -> World:
    # => world 'road', instance 'carrier': there is another instance or variable of that name at
    #    {CARRIER.at}; rename one [duplicate-name]
    again = replace(CARRIER, at=here())
    return replace(road, instances=(*road.instances, again))


def a_variable_with_the_name_of_an_instance() -> World:
    street = replace(with_bulb(lamp()), instances=(*road.instances, BULB))
    # => world 'road', variable 'bulb': there is another instance or variable of that name at
    #    {BULB.at}; rename one [duplicate-name]
    bulb = Variable.declare("bulb", TRUTH, False)
    return replace(street, variables=(*VARIABLES, bulb))


def two_variables_of_one_name() -> World:
    # => world 'road', variable 'lost': there is another instance or variable of that name at
    #    {LOST.at}; rename one [duplicate-name]
    return with_variable(replace(LOST, at=here()))


def two_actions_of_one_name() -> World:
    # => world 'road', action 'wait': there is another action of that name at {WAITING.at};
    #    rename one [duplicate-name]
    return with_action(replace(WAITING, at=here()))


def two_starts_of_one_name() -> World:
    # => world 'road', start 'new': there is another start of that name at {START.at};
    #    rename one [duplicate-name]
    return with_start(replace(START, at=here()))


def two_properties_of_one_name() -> World:
    # => world 'road', property 'it is read': there is another property of that name at {READ.at};
    #    rename one [duplicate-name]
    return with_promise(replace(READ, at=here()))


def a_variable_with_the_name_of_what_properties_speak_of() -> World:
    # => world 'road', variable 'before': 'before' has a meaning of its own in expressions; write
    #    another name [reserved-name]
    return with_variable(Variable.declare("before", TRUTH, False))


def a_variable_with_the_name_of_an_operation() -> World:
    # => world 'road', variable 'head': 'head' has a meaning of its own in expressions; write
    #    another name [reserved-name]
    return with_variable(Variable.declare("head", TRUTH, False))


def a_variable_whose_name_can_not_be_read() -> World:
    # => world 'road', variable 'the van': 'the van' is no name that expressions can read; write an
    #    identifier of Python that begins with a letter [reserved-name]
    return with_variable(Variable.declare("the van", TRUTH, False))


# => (elsewhere) world 'road', start 'new': it says nothing of 'class'; give its record [unset]
def an_instance_whose_name_is_a_word_of_python() -> World:
    # => world 'road', instance 'class': 'class' is no name that expressions can read; write an
    #    identifier of Python that begins with a letter [reserved-name]
    return replace(road, instances=(*road.instances, Instance.declare("class", parcel)))


def a_choice_whose_name_can_not_be_read() -> World:
    # => world 'road', action 'go', choice 'from': 'from' is no name that expressions can read;
    #    write an identifier of Python that begins with a letter [reserved-name]
    return with_action(Action.declare("go", choices={"from": Speed}))


def a_sentence_of_a_choice_that_is_not_there() -> World:
    # => world 'road', action 'go': there is no choice 'sped'; did you mean 'speed'? [unknown-name]
    return with_action(Action.declare("go", says="it goes {sped}", choices={"speed": Speed}))


def a_sentence_with_half_a_brace() -> World:
    # => world 'road', action 'go': its sentence 'it goes {speed' has a brace without the other;
    #    write {choice}, or no brace [bad-sentence]
    return with_action(Action.declare("go", says="it goes {speed", choices={"speed": Speed}))


def bounds_without_values() -> World:
    # => world 'road', bounds: instants has no values; give at least one [bad-bound]
    return replace(road, bounds=bounded(instants=()), at=here())


def bounds_that_say_a_thing_twice() -> World:
    symbols = ((Address, ("Ulm/5",)), (Place, ("depot", "door", "depot")))
    # => world 'road', bounds: Place has a value twice; write it once [bad-bound]
    # => world 'road', bounds: numbers has a value twice; write it once [bad-bound]
    return replace(road, bounds=bounded(symbols=symbols, numbers=(0, 1, 2, 2)), at=here())


def bounds_of_a_composite_symbol_that_is_not_one() -> World:
    symbols = ((Address, ("Ulm/5", "Ulm")), (Place, ("depot", "door")))
    # => world 'road', bounds: 'Ulm' is no Address; write it as {Town}/{House} [bad-bound]
    return replace(road, bounds=bounded(symbols=symbols), at=here())


def bounds_of_what_there_is_not() -> World:
    symbols = (*road.bounds.symbols, (Symbol("Place", "Another one."), ("depot",)))
    # => world 'road', bounds: nothing in this world is a Place; remove it, or bound the very
    #    symbol that is declared [unused-bound]
    return replace(road, bounds=bounded(symbols=symbols), at=here())


def bounds_that_leave_out_what_a_field_holds() -> World:
    # => world 'road', bounds: field 'room' of the record of Lamp is of the symbol Room, which has
    #    no values; write some among the symbols, or one if they make no difference [missing-bound]
    return replace(with_bulb(lamp()), bounds=road.bounds, at=here())


def bounds_that_leave_out_what_is_chosen() -> World:
    # => world 'road', bounds: choice 'hall' of action 'go' is of the symbol Room, which has no
    #    values; write some among the symbols, or one if they make no difference [missing-bound]
    return replace(with_action(Action.declare("go", choices={"hall": Symbol("Room")})), at=here())


def bounds_that_leave_out_what_a_row_asks_for() -> World:
    # => world 'road', row 'burn': the right side is 'attic', which is no Room of this world; write
    #    one of: hall [out-of-bounds]
    attic = Guard.declare("attic", root("record").room == "attic", must="it must be dark")
    burn = Row.declare(
        "burn", LIT, BURNT, BROKEN, guards=(attic,), emits={}, why="It is.", cites="§1"
    )
    return with_bulb(lamp(rows=(SWITCH_ON, SWITCH_OFF, burn)))


# => (elsewhere) world 'road', instance 'bulb': 'at' is instant in Pressed, but duration in Dimmed;
#    rename one, since a world keeps payloads side by side [bad-sort]
def a_machine_whose_payloads_have_mixed_fields() -> World:
    halves = {HOUSE: "Dim"}
    dimmed = Fact.declare("Dimmed", "", halves=halves, time="at", durable=True, at=field(DURATION))
    return with_bulb(lamp(facts=(*FACTS, dimmed)))


def a_variable_of_a_sort_without_values() -> World:
    # => world 'road', variable 'load': no number lies from 5 to 1; write the lower
    #    one first [bad-sort]
    return with_variable(Variable.declare("load", Integer(5, 1), 5))


def a_variable_of_an_enumeration_without_members() -> World:
    # => world 'road', variable 'mood': Mood has no members; give it some [bad-sort]
    return with_variable(Variable.declare("mood", Optional(Enum("Mood", ())), None))


def an_enumeration_without_members_in_what_is_opaque() -> World:
    # => world 'road', variable 'mood': Mood has no members; give it some [bad-sort]
    return with_variable(Variable.declare("mood", Opaque("list", Enum("Mood", ())), [()]))


def a_queue_without_room() -> World:
    # => world 'road', variable 'pile': nothing can ever be in a queue of Speed with room for 0;
    #    make room for one [bad-sort]
    return with_variable(Variable.declare("pile", Queue(Speed.sort, 0), ()))


def a_bag_without_room() -> World:
    # => world 'road', variable 'pile': nothing can ever be in a bag of Speed with room for 0; make
    #    room for one [bad-sort]
    return with_variable(Variable.declare("pile", Bag(Speed.sort, 0), {}))


def a_queue_of_optionals() -> World:
    # => world 'road', variable 'pile': a value of queue of optional Speed may be nothing in two
    #    ways; leave the inner optional out [bad-sort]
    return with_variable(Variable.declare("pile", Queue(Optional(Speed.sort), 2), ()))


def a_payload_of_mixed_fields() -> World:
    light, heavy = (Record(n, (Field("size", s),)) for n, s in (("A", TRUTH), ("B", Integer(0, 1))))
    # => world 'road', variable 'box': 'size' is truth in A, but integer 0..1 in B; rename one,
    #    since a world keeps payloads side by side [bad-sort]
    return with_variable(Variable.declare("box", Queue(Variant("Box", (light, heavy)), 1), ()))


def a_choice_of_a_queue() -> World:
    # => world 'road', action 'go', choice 'queue': nobody can choose a queue of Speed; choose its
    #    parts, and put it together in the action [not-choosable]
    return with_action(Action.declare("go", choices={"queue": Queue(Speed.sort, 2)}))


def a_choice_without_values() -> World:
    # => world 'road', action 'go', choice 'load': no number lies from 5 to 1; write the lower
    #    one first [bad-sort]
    return with_action(Action.declare("go", choices={"load": Integer(5, 1)}))


def an_action_that_is_an_instance() -> World:
    # => world 'road': an item of 'actions' is an Instance 'carrier', not an Action; write
    #    an Action [wrong-kind]
    return replace(road, actions=(*ACTIONS, CARRIER), at=here())


def one_start_without_a_comma() -> World:
    # => world 'road': 'starts' is a Start 'new', not a tuple; write (x,) for a tuple of one, and ()
    #    for an empty one [wrong-kind]
    return replace(road, starts=START, at=here())


def a_list_of_properties() -> World:
    # => world 'road': 'properties' is a list, not a tuple; write a tuple [wrong-kind]
    return replace(road, properties=list(PROPERTIES), at=here())


def a_variable_among_the_instances() -> World:
    # => world 'road': an item of 'instances' is a Variable 'letters', not an Instance; write
    #    an Instance [wrong-kind]
    return replace(road, instances=(*road.instances, VARIABLES[0]), at=here())


def a_fact_for_a_machine() -> World:
    # => instance 'sender': 'machine' is a Fact 'HandedOver', not a Machine; write
    #    a Machine [wrong-kind]
    return with_sender(Instance("sender", HANDED_OVER, at=here()))


def a_condition_that_is_a_term() -> World:
    # => property 'seen': 'condition' is a Term, not a term; write its .node [wrong-kind]
    return with_promise(replace(READ, name="seen", condition=letters.queued == 0, at=here()))


def a_sort_that_is_a_class() -> World:
    # => variable 'lights': 'sort' is the class Symbol, not a sort; write a sort [wrong-kind]
    return with_variable(Variable.declare("lights", Symbol, "on"))


def bounds_that_are_numbers() -> World:
    # => world 'road': an item of 'instants' of Bounds is the text 'noon', not an integer; write
    #    an integer [wrong-kind]
    return replace(road, bounds=bounded(instants=("noon",)), at=here())
