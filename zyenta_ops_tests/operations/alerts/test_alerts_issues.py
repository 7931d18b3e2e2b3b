"""Issues of payments are told of once, to whom they concern, until they are over."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from zyenta_ops.adapters.chat.slack import compose
from zyenta_ops.adapters.mail.rendering import render
from zyenta_ops.domain.alerts import AlertStatus, AlertType, Severity
from zyenta_ops.domain.notifications import Channel
from zyenta_ops.domain.payments import Issue
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import outbox_message
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.alerts.shop import Shop, a_shop

DISPUTE = Issue("dispute:dp_1", Severity.CRITICAL, "Payment disputed: order 1001", "answer it")
FAILED = Issue("intent:pi_2", Severity.LOW, "Payment failed: order 1001", "the attempt failed")


@pytest.fixture
def shop(database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    return a_shop(database, clock, new_id)


def settle(shop: Shop, *issues: Issue, store: str | None = "store-my-shop") -> None:
    with shop.database.write() as records:
        shop.alerts.settle_issues(records, store, "order:o1", issues, shop.clock())


def messages(shop: Shop) -> list[tuple[str, str]]:
    """Template and status of the mails that were enqueued."""
    with shop.database.read() as records:
        rows = records.connection.execute(
            select(outbox_message.c.template, outbox_message.c.status)
            .where(outbox_message.c.channel == Channel.EMAIL.value)
            .order_by(outbox_message.c.template, outbox_message.c.status.desc())
        )
        return [(row[0], row[1]) for row in rows]


def test_a_critical_issue_is_told_to_the_owner_and_to_the_team_once(shop: Shop) -> None:
    settle(shop, DISPUTE)
    settle(shop, DISPUTE)

    (alert,) = shop.alerts.listed()
    assert (alert.title, alert.severity, alert.store_id) == (
        "Payment disputed: order 1001",
        Severity.CRITICAL,
        "store-my-shop",
    )
    assert messages(shop) == [
        ("issue", "PENDING"),
        ("issue-alert", "PENDING"),
    ]


def test_an_issue_that_is_over_closes_its_alert_and_takes_its_mail_back(shop: Shop) -> None:
    settle(shop, DISPUTE, FAILED)
    settle(shop, FAILED)

    assert {each.title: each.status for each in shop.alerts.listed()} == {
        DISPUTE.title: AlertStatus.RESOLVED,
        FAILED.title: AlertStatus.OPEN,
    }
    assert messages(shop) == [
        ("issue", "WITHDRAWN"),
        ("issue-alert", "WITHDRAWN"),
        ("issue-alert", "PENDING"),
    ]


def test_an_issue_that_comes_back_is_told_of_again(shop: Shop) -> None:
    settle(shop, FAILED)
    settle(shop)
    settle(shop, FAILED)

    assert [each.status for each in shop.alerts.listed()].count(AlertStatus.OPEN) == 1
    assert len(messages(shop)) == 2


def test_an_issue_of_our_own_is_told_to_the_team_alone(shop: Shop) -> None:
    settle(shop, FAILED, store=None)

    assert messages(shop) == [("issue", "PENDING")]
    assert shop.alerts.listed()[0].store_id is None


def test_the_messages_can_be_written(shop: Shop) -> None:
    settle(shop, DISPUTE)
    with shop.database.write() as records:
        claimed = records.outbox.claim(list(Channel), 10, "test", shop.clock(), shop.clock())

    assert len(claimed) == 3
    for message in claimed:
        if message.channel is Channel.WEBHOOK:
            assert "answer it" in str(compose(message))
        else:
            mail = render(message.template, message.context)
            assert "Payment disputed: order 1001" in mail.subject
            assert "answer it" in mail.text
            assert "answer it" in mail.html


def test_an_issue_of_orders_is_told_as_one(shop: Shop) -> None:
    gone = Issue("gone", Severity.HIGH, "Your system is told of no more orders", "set it anew")

    def settle_orders(*issues: Issue) -> None:
        with shop.database.write() as records:
            shop.alerts.settle_issues(
                records,
                "store-my-shop",
                "storefront-hook:store-my-shop",
                issues,
                shop.clock(),
                AlertType.ORDER_ISSUE,
            )

    settle_orders(gone)
    settle_orders(gone)

    (alert,) = shop.alerts.listed()
    assert (alert.type, alert.status) == (AlertType.ORDER_ISSUE, AlertStatus.OPEN)
    assert messages(shop) == [("order-alert", "PENDING")]
    settle_orders()
    assert shop.alerts.show(alert.id).status is AlertStatus.RESOLVED
    assert messages(shop) == [("order-alert", "WITHDRAWN")]
