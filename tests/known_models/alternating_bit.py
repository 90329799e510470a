"""The alternating-bit protocol over a channel that loses and repeats, but keeps order.

K. A. Bartlett, R. A. Scantlebury and P. T. Wilkinson, "A note on reliable full-duplex
transmission over half-duplex links", Communications of the ACM 12 (1969). The sender repeats an
item with its bit until that bit is acknowledged, then turns the bit over; the receiver takes an
item if its bit is the one expected, and acknowledges the last bit that it took again and again.

Items are numbered here, so that what arrives can be judged; the protocol never looks at numbers.
In the careless variant the receiver does not look at the bit either.
"""

from __future__ import annotations

from steptable.properties import action, after, always_step, before, eventually, sometimes
from steptable.sorts import Integer, Queue, words
from steptable.terms import Operand, Structure, Term, field, if_else, root
from steptable.world import Action, Fairness, Start, Variable, World

BIT = words("Bit", "0", "1")
CAPACITY = 2

sending, sender_bit = root("sending"), root("sender_bit")
received, receiver_bit = root("received"), root("receiver_bit")
wire, acks = root("wire"), root("acks")


def _other(bit: Term) -> Term:
    return if_else(bit == "0", "1", "0")


def alternating_bit(items: int, *, fair: Fairness = "strong", careless: bool = False) -> World:
    """The world for some number of items, with some fairness of sending and of delivery."""
    number = Integer(0, items)
    message = Structure("Message", "An item with its bit.", bit=field(BIT), item=field(number))
    return World(
        name="alternating-bit",
        doc="Items travel over channels that lose and repeat.",
        instances=(),
        variables=(
            Variable.declare("sending", number, 0, "The item that is under way."),
            Variable.declare("sender_bit", BIT, "0"),
            Variable.declare("received", number, 0, "How many items have been taken."),
            Variable.declare("receiver_bit", BIT, "1", "The bit of the last item taken."),
            Variable.declare("wire", Queue(message.sort, CAPACITY), ()),
            Variable.declare("acks", Queue(BIT, CAPACITY), ()),
        ),
        starts=(Start.declare("nothing sent", {}),),
        actions=(
            *_sender(items, message, fair),
            *_receiver(items, fair, careless=careless),
            *_channel("wire", wire),
            *_channel("acks", acks),
        ),
        properties=(
            always_step(
                "items are taken once each, in order",
                (before.received != after.received).implies(
                    (action == "an item is taken")
                    & (before.wire.head.item == before.received)
                    & (after.received == before.received + 1)
                ),
                why="The channel must look as if it neither lost nor repeated anything.",
                cites="Bartlett, Scantlebury, Wilkinson 1969",
            ),
            sometimes(
                "everything has been taken",
                received == items,
                why="A receiver that takes nothing keeps order too.",
                cites="Bartlett, Scantlebury, Wilkinson 1969",
            ),
            eventually(
                "everything is taken at last",
                received == items,
                why="Channels that deliver now and then must be enough.",
                cites="Bartlett, Scantlebury, Wilkinson 1969",
            ),
        ),
    )


def _sender(items: int, message: Structure, fair: Fairness) -> tuple[Action, ...]:
    mine = acks.head == sender_bit
    return (
        Action.declare(
            "the item is sent",
            party="sender",
            guard=(sending < items) & (wire.queued < CAPACITY),
            sets={"wire": wire.push(message(bit=sender_bit, item=sending))},
            fair=fair,
        ),
        Action.declare(
            "an acknowledgement arrives",
            party="sender",
            guard=acks.queued > 0,
            sets={
                "acks": acks.pop(),
                "sending": if_else(mine & (sending < items), sending + 1, sending),
                "sender_bit": if_else(mine, _other(sender_bit), sender_bit),
            },
            fair=fair,
        ),
    )


def _receiver(items: int, fair: Fairness, *, careless: bool) -> tuple[Action, ...]:
    expected: Operand = True if careless else wire.head.bit == _other(receiver_bit)
    takes = (wire.queued > 0) & (received < items) & expected
    return (
        Action.declare(
            "an item is taken",
            party="receiver",
            guard=takes,
            sets={
                "wire": wire.pop(),
                "received": received + 1,
                "receiver_bit": _other(receiver_bit),
            },
            fair=fair,
        ),
        Action.declare(
            "an item is ignored",
            party="receiver",
            guard=(wire.queued > 0) & ~takes,
            sets={"wire": wire.pop()},
            fair=fair,
        ),
        Action.declare(
            "the last bit is acknowledged",
            party="receiver",
            guard=(received > 0) & (acks.queued < CAPACITY),
            sets={"acks": acks.push(receiver_bit)},
            fair=fair,
        ),
    )


def _channel(name: str, queue: Term) -> tuple[Action, ...]:
    """What goes wrong on the way: the oldest message is lost, or sent once more.

    It is repeated only where no other is behind it, since the channel keeps order.
    """
    return (
        Action.declare(
            f"{name} loses", party="channel", guard=queue.queued > 0, sets={name: queue.pop()}
        ),
        Action.declare(
            f"{name} repeats",
            party="channel",
            guard=queue.queued == 1,
            sets={name: queue.push(queue.head.value)},
        ),
    )
