"""`zyenta-ops orders act` and `orders queue`: every reason is resolved from here alone."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli.acting import act as group
from zyenta_ops.cli.orders import orders as command
from zyenta_ops.domain.fulfillment import VERBS, ActionReason, Stage, Verb
from zyenta_ops.domain.fulfillment.reasons import ALWAYS
from zyenta_ops.domain.orders import Hold, HoldReason, Order
from zyenta_ops.operations.fulfillment import Operators, Queue
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.fulfillment.counter import Counter
from zyenta_ops_tests.operations.fulfillment.shop import Shop


@dataclass
class Bundle:
    operators: Operators
    queue: Queue


@dataclass
class Desk:
    """Somebody at a shell, and the shop behind it."""

    counter: Counter

    def operations(self) -> Bundle:
        return Bundle(self.counter.operators, Queue(self.counter.shop.desk()))

    def __call__(self, *words: object) -> Result:
        return CliRunner().invoke(command, [str(word) for word in words], obj=self)


@pytest.fixture
def shell(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Desk:
    shop = Shop(sqlite_database, clock, new_id)
    shop.offer_elsewhere("shirt", "aliexpress")
    return Desk(Counter(shop))


def words_for(verb: Verb, order: Order) -> list[str]:
    """What is typed after the order."""
    item = order.items[0].id
    by_verb = {
        Verb.REMAP_VARIANT: ["--item", item, "--offer", "aliexpress:shirt:shirt-v"],
        Verb.SPLIT: ["--item", f"{item}:1"],
        Verb.MARK_PLACED: ["F9"],
        Verb.ADD_TRACKING: ["LX473124829CN", "--carrier", "China Post"],
        Verb.EDIT_ADDRESS: ["--set", "line1=Torstraße 2"],
        Verb.CANCEL: ["--done"],
        Verb.CANCEL_AND_REFUND: ["--done"],
        Verb.SNOOZE: ["--until", "2026-11-30T12:00Z"],
        Verb.ASSIGN: ["--to", "mira"],
        Verb.NOTE: ["called them"],
    }
    return by_verb.get(verb, [])


def name_of(verb: Verb) -> str:
    return verb.lower().replace("_", "-")


def test_every_verb_has_a_command_and_no_command_is_no_verb() -> None:
    assert set(group.commands) == {name_of(each) for each in Verb}


@pytest.mark.parametrize("reason", list(ActionReason))
def test_every_reason_is_resolved_from_the_command_line_alone(
    shell: Desk, reason: ActionReason
) -> None:
    order, it = shell.counter.stuck(reason)
    (waiting,) = json.loads(shell("queue", "--json").stdout)
    verb = next(
        each for each in Verb if each in waiting["verbs"] and each in VERBS[reason] - ALWAYS
    )

    result = shell("act", name_of(verb), f"{waiting['store']}:1001", *words_for(verb, order))

    assert (result.exit_code, result.stderr) == (0, "")
    after = next(each for each in shell.counter.shop.every(order) if each.id == it.id)
    assert after.stage is not Stage.NEEDS_ACTION
    assert shell("queue").stdout == "Nothing waits for a person.\n"


@pytest.mark.parametrize("verb", list(Verb))
def test_every_command_of_a_verb_rehearses_or_refuses_in_one_sentence(
    shell: Desk, verb: Verb
) -> None:
    order, _ = shell.counter.stuck(ActionReason.REJECTED)
    before = shell.counter.shop.counts()

    result = shell("act", name_of(verb), order.id, *words_for(verb, order), "--dry-run")

    legal = verb in VERBS[ActionReason.REJECTED]
    assert result.exit_code == (0 if legal else 1)
    if legal:
        assert result.stdout.startswith("Would be done to order 1001")
    else:
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1
    assert shell.counter.shop.counts() == before
    assert shell.counter.refunds == [] or verb is Verb.CANCEL_AND_REFUND


def test_a_hold_is_ended_from_the_command_line(shell: Desk) -> None:
    order = shell.counter.shop.order(shirt=2)
    source = shell.counter.shop.hold(order)
    shown = shell("queue")
    assert "my-shop:1001 MANUAL: edit-address, approve, snooze, assign, note" in shown.stdout

    assert shell("act", "approve", "my-shop:1001", "--hold", source).exit_code == 0

    assert shell("queue").stdout == "Nothing waits for a person.\n"


@pytest.mark.parametrize("reason", list(HoldReason))
def test_every_hold_is_ended_from_the_command_line_alone(shell: Desk, reason: HoldReason) -> None:
    shop = shell.counter.shop
    order, now = shop.order(shirt=2), shop.clock()
    hold = Hold("hold-1", order.id, reason, "why:1", "it waits", now, "stripe")
    with shop.database.write() as records:
        records.orders.add_holds([hold], now)
    (waiting,) = json.loads(shell("queue", "--json").stdout)
    assert (waiting["reason"], "APPROVE" in waiting["verbs"]) == (reason, True)

    assert shell("act", "approve", "my-shop:1001").exit_code == 0

    assert shell("queue").stdout == "Nothing waits for a person.\n"
    shop.tick()
    assert shop.stages(order) == {"cj": "CONFIRMED"}


def test_the_answer_says_what_was_done_and_what_comes_next(shell: Desk) -> None:
    order, _ = shell.counter.stuck(ActionReason.REJECTED)
    result = shell("act", "retry", order.id, "--by", "mira", "--key", "k")
    assert result.stdout == (
        "Done to order 1001, supplier order 1: retry; it is placed again, with three tries\n"
        "It is READY: it is placed\n"
    )
    again = shell("act", "retry", order.id, "--key", "k", "--json")
    assert json.loads(again.stdout)["repeated"] is True
    assert [each.actor for each in shell.counter.acts(order)] == ["mira"]


@pytest.mark.parametrize(
    "words",
    [
        ("snooze", "1001", "--until", "tomorrow"),
        ("split", "1001", "--item", "x"),
        ("edit-address", "1001", "--set", "street=x"),
        ("mark-placed", "1001"),
        ("retry", "1001", "--of", "first"),
    ],
)
def test_wrong_usage_exits_2(shell: Desk, words: tuple[str, ...]) -> None:
    assert shell("act", *words).exit_code == 2
