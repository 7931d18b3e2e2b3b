"""`zyenta-ops sandbox pay …` and `orders refund` drive an order through its payment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from zyenta_ops.domain.orders import PaymentStatus
from zyenta_ops_tests.journeys.till import Till, a_till

ORDER = "my-shop:1001"


@pytest.fixture
def till(home: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    with a_till(home, monkeypatch, sqlite_url) as till:
        yield till


def test_an_order_is_paid_disputed_and_refunded_by_commands(till: Till) -> None:
    order = till.order()
    page = till.act("pay", ORDER, "--checkout", "--how", "leave")
    assert (page["status"], page["amount_total"], page["currency"]) == ("open", 4938, "eur")
    assert till.act("expire", ORDER)["status"] == "expired"
    assert till.act("pay", ORDER)["status"] == "succeeded"
    assert till.act("warn", ORDER)["actionable"] is True
    dispute = till.act("dispute", ORDER, "--inquiry")
    assert till.act("settle", ORDER, dispute["id"], "warning_closed")["status"] == "warning_closed"
    assert till.act("refund", order.id, "--amount-minor", "100")["amount"] == 100
    assert till.type("sandbox", "review", ORDER).output.endswith("is open.\n")

    refund = ("orders", "refund", ORDER, "--reason", "broken", "--amount-minor", "1000")
    assert till.type(*refund).output == (
        "Error: order 1001 was not paid; there is nothing to refund\n"
    )
    till.hear()
    (first,) = till.command(*refund)
    assert till.command(*refund) == [first]
    assert (first["status"], first["amount_minor"], first["number"]) == ("PLANNED", 1000, 1)
    (units,) = till.command(
        *("orders", "refund", ORDER, "--reason", "one shirt"),
        *("--item", f"{order.items[0].id}:1", "--key", "shirt"),
    )
    assert (units["amount_minor"], units["number"]) == (1797, 2)


def test_a_subscription_names_its_customer(till: Till) -> None:
    result = till.type("sandbox", "subscribe", "ann@example.com", "autopilot")

    assert "is active; `zyenta-ops account subscribe ann@example.com cus_" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sandbox", "dispute", ORDER), "Error: the sandbox refuses: there is no payment"),
        (("sandbox", "pay", "my-shop:9"), "Error: there is no order"),
        (("sandbox", "expire", ORDER), "Error: the sandbox refuses: there is no open checkout"),
        (
            ("sandbox", "pay", ORDER, "--sandbox", "http://127.0.0.1:9"),
            "Error: no sandbox answers at http://127.0.0.1:9; start it with `zyenta-ops sandbox`",
        ),
        (("orders", "refund", ORDER, "--reason", "x"), "there is nothing to refund"),
        (
            ("orders", "refund", ORDER, "--reason", "x", "--item", "a:1", "--amount-minor", "1"),
            "give --amount-minor or --item, not both",
        ),
        (("orders", "refund", ORDER, "--reason", "x", "--item", "a"), "'a' is not ID:QTY"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    till: Till, words: tuple[str, ...], said: str
) -> None:
    order = till.order()

    result = till.type(*words)

    assert result.exit_code != 0
    assert said in result.output
    assert till.show(order).payment_status is PaymentStatus.PENDING
    assert till.world.stripe.platform.objects.get("payment_intent", {}) == {}
