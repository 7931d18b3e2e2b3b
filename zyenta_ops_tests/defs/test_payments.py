"""The sensors of orders and payments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from zyenta_ops.defs.fulfillment import orders_due
from zyenta_ops.defs.payments import read_cursor, stripe_events, write_cursor
from zyenta_ops.domain.payment_errors import PaymentUnavailable
from zyenta_ops.operations.payments import Derivation, StripeEvents
from zyenta_ops_tests.defs.test_sensors import tick
from zyenta_ops_tests.defs.world import World
from zyenta_ops_tests.operations.payments.world import FakeProvider


def test_a_cursor_is_read_as_it_was_written() -> None:
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    cursor = {"": now, "acct_1": now - timedelta(days=3)}

    assert read_cursor(write_cursor(cursor)) == cursor


@pytest.mark.parametrize("text", [None, "", "{}", '{"version": 0, "newest": {"": "x"}}'])
def test_without_a_cursor_that_we_know_one_begins_anew(text: str | None) -> None:
    assert read_cursor(text) == {}


def test_without_a_key_nothing_is_polled_and_nothing_is_due(world: World) -> None:
    for _ in range(2):
        polled, due = tick(world, stripe_events), tick(world, orders_due)
        assert isinstance(polled, dg.SkipReason)
        assert "ZYENTA_STRIPE_KEY" in str(polled.skip_message)
        assert isinstance(due, dg.SkipReason)
        assert due.skip_message == "nothing is due"


def test_a_provider_that_does_not_answer_ends_the_tick_with_a_sentence(world: World) -> None:
    provider = FakeProvider(world.clock, fault=PaymentUnavailable("polling events: no answer"))
    inbox = world.operations.inbox
    listening = StripeEvents(
        inbox.database,
        provider,
        inbox.record,
        Derivation(inbox.new_id, lambda *_: None, lambda *_, **__: None),
        world.clock,
    )
    world.operations = replace(world.operations, stripe_events=listening)

    for _ in range(2):
        ended = tick(world, stripe_events)
        assert isinstance(ended, dg.SensorResult)
        assert ended.skip_reason is not None
        assert ended.skip_reason.skip_message == (
            "0 new of 0 events; the platform could not be polled: polling events: no answer"
        )
        assert read_cursor(ended.cursor) == {"": world.clock() - timedelta(hours=1)}


def test_refunds_do_not_wait_for_events_to_be_acted_on(world: World) -> None:
    job = world.definitions.resolve_job_def("fulfill_orders")

    assert [each.name for each in job.nodes_in_topological_order] == [
        "carry_out_refunds",
        "drain_inbox",
        "advance_orders",
    ]
    assert job.execute_in_process(instance=world.instance).success


def test_without_a_key_there_is_nothing_to_reconcile(world: World) -> None:
    job = world.definitions.resolve_job_def("reconcile_payments")

    assert job.execute_in_process(instance=world.instance).success
