from __future__ import annotations

from collections.abc import Callable

import pytest

from zyenta_ops.domain.alerts import Alert, AlertStatus
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.operations.alerts import Alerts
from zyenta_ops.persistence.schema import alert
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop


@pytest.fixture
def alert_id(shop: Shop) -> str:
    """An open alert, an hour old, whose mail was not sent yet."""
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.clock.advance(hours=1)
    return str(shop.rows(alert)[0]["id"])


def test_an_open_alert_can_be_acknowledged_and_is_then_read(shop: Shop, alert_id: str) -> None:
    shop.alerts.acknowledge(alert_id)

    row = shop.row(alert, alert_id)
    assert (row["status"], row["acknowledged_at"]) == ("ACKNOWLEDGED", shop.clock.now)
    assert (row["read"], row["read_at"]) == (True, shop.clock.now)


def test_an_acknowledged_alert_can_be_resolved(shop: Shop, alert_id: str) -> None:
    shop.alerts.acknowledge(alert_id)
    acknowledged = shop.clock.now
    shop.clock.advance(hours=1)

    shop.alerts.resolve(alert_id)

    row = shop.row(alert, alert_id)
    assert (row["status"], row["resolved_at"]) == ("RESOLVED", shop.clock.now)
    assert (row["acknowledged_at"], row["read_at"]) == (acknowledged, acknowledged)


def test_resolving_takes_back_the_mail_that_waits(shop: Shop, alert_id: str) -> None:
    shop.alerts.resolve(alert_id)

    assert [mail["status"] for mail in shop.mails()] == ["WITHDRAWN"]


def test_reading_leaves_the_status_and_counts_once(shop: Shop, alert_id: str) -> None:
    shop.alerts.mark_read(alert_id)
    first = shop.row(alert, alert_id)
    shop.clock.advance(hours=1)

    shop.alerts.mark_read(alert_id)

    assert first["status"] == "OPEN"
    assert shop.row(alert, alert_id) == first


@pytest.mark.parametrize(
    ("moves", "refused"),
    [
        ([Alerts.acknowledge], Alerts.acknowledge),
        ([Alerts.resolve], Alerts.acknowledge),
        ([Alerts.resolve], Alerts.resolve),
    ],
)
def test_an_illegal_move_is_refused_and_changes_nothing(
    shop: Shop,
    alert_id: str,
    moves: list[Callable[[Alerts, str], Alert]],
    refused: Callable[[Alerts, str], Alert],
) -> None:
    for move in moves:
        move(shop.alerts, alert_id)
    before = shop.everything()
    shop.clock.advance(hours=1)

    with pytest.raises(Refused, match=f"alert {alert_id} is"):
        refused(shop.alerts, alert_id)

    assert shop.everything() == before


def test_an_unknown_alert_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound, match="there is no alert 'nope'"):
        shop.alerts.acknowledge("nope")


def test_alerts_are_listed_newest_first_by_store_and_status(shop: Shop, alert_id: str) -> None:
    (mug,) = shop.sells("mug")
    shop.sells_out(mug)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.alerts.acknowledge(alert_id)

    everything = shop.alerts.listed(shop.store_id)

    assert [each.status for each in everything] == [AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED]
    assert [each.id for each in shop.alerts.listed(status=AlertStatus.ACKNOWLEDGED)] == [alert_id]
    assert shop.alerts.listed("store-other") == []
    assert len(shop.alerts.listed(limit=1)) == 1


def test_an_alert_resolved_by_hand_is_not_told_of_again_while_nothing_changes(
    shop: Shop, alert_id: str
) -> None:
    shop.alerts.resolve(alert_id)

    report = shop.alerts.tell(SUPPLIER, None, None)

    assert report.raised == {}
