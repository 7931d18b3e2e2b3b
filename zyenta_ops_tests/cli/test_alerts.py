"""`zyenta-ops alerts` and `zyenta-ops outbox` on a home of their own, wired as in production."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import outbox_message
from zyenta_ops.settings import Settings
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop, a_shop


@dataclass
class Desk:
    """A person at the command line."""

    wiring: Wiring

    def types(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, obj=self.wiring)

    def reads(self, *arguments: str) -> Any:
        result = self.types(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.output)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def desk(home: Path) -> Desk:
    return Desk(Wiring(Settings(home=home)))


@pytest.fixture
def shop(desk: Desk, clock: FixedClock, new_id: CountingIds) -> Shop:
    """A store with one open alert whose mail is due."""
    desk.wiring.operations()
    shop = a_shop(Database(desk.wiring.settings.database), clock, new_id)
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)
    shop.alerts.tell(SUPPLIER, None, "run-1")
    return shop


def test_alerts_are_listed_acknowledged_and_resolved(desk: Desk, shop: Shop) -> None:
    (found,) = desk.reads("alerts", "list", "--store", "my-shop", "--status", "open")
    assert (found["type"], found["severity"], found["read"]) == ("STOCK_OUT", "HIGH", False)
    assert desk.reads("alerts", "list", "--store", shop.store_id) == [found]
    assert (found["store"], found["store_id"]) == ("my-shop", shop.store_id)
    line = desk.types("alerts", "list").output.splitlines()[3].split()
    assert (line[0], line[-7:]) == (
        found["id"],
        ["my-shop", "my-feed", "1", "product", "out", "of", "stock"],
    )

    assert desk.reads("alerts", "ack", found["id"])["status"] == "ACKNOWLEDGED"
    assert desk.types("alerts", "resolve", found["id"]).output == (
        "resolved: 1 product out of stock\n"
    )

    assert desk.reads("alerts", "list", "--status", "OPEN") == []


def test_an_illegal_move_is_one_sentence_and_exit_status_1(desk: Desk, shop: Shop) -> None:
    (found,) = desk.reads("alerts", "list")
    desk.types("alerts", "resolve", found["id"])

    result = desk.types("alerts", "ack", found["id"])

    assert result.exit_code == 1
    assert result.output == (
        f"Error: alert {found['id']} is resolved already; only an open one can be acknowledged\n"
    )


@pytest.mark.parametrize(
    "arguments", [("alerts", "ack", "nope"), ("alerts", "list", "--store", "nope")]
)
def test_an_unknown_name_is_reported(desk: Desk, shop: Shop, arguments: tuple[str, ...]) -> None:
    result = desk.types(*arguments)

    assert result.exit_code == 1
    assert "'nope'" in result.output


def test_messages_are_listed_without_contents_and_given_up_ones_retried(
    desk: Desk, shop: Shop, home: Path
) -> None:
    (message,) = desk.reads("outbox", "list")
    assert (message["status"], message["template"]) == ("PENDING", "stock-alert")
    assert "context" not in message
    shop.set(outbox_message, message["id"], status="SUPPRESSED", last_error="no mailbox (550)")
    assert "no mailbox (550)" in desk.types("outbox", "list", "--status", "suppressed").output

    assert desk.reads("outbox", "retry") == {"retried": 1}

    assert desk.wiring.operations().notifications.deliver().sent == 1
    (path,) = (home / "mail").iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "[Fjord & Pine] Stock Alert: 1 product out of stock"


def test_retrying_a_message_that_waits_anyway_is_refused(desk: Desk, shop: Shop) -> None:
    (message,) = desk.reads("outbox", "list")

    result = desk.types("outbox", "retry", message["id"])

    assert result.exit_code == 1
    assert "no given-up message has the id" in result.output


def test_an_alert_of_nobody_s_store_is_internal(desk: Desk, shop: Shop) -> None:
    shop.alerts.report_sync_failure(SUPPLIER, "the feed is gone", None)
    (internal,) = [each for each in desk.reads("alerts", "list") if each["store_id"] is None]
    assert internal["store"] is None
    assert " internal " in desk.types("alerts", "list").output
