"""Polling: nothing is lost between two polls, and a long gap is made good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from zyenta_ops.domain.orders import PaymentStatus
from zyenta_ops.domain.payment_errors import PaymentLoginRefused, PaymentUnavailable
from zyenta_ops.domain.payments import FactKind, FactState
from zyenta_ops.operations.payments.listening import OVERLAP
from zyenta_ops.ports.payments import AccountState, ChargeModel, PaymentAccount, Stretch
from zyenta_ops_tests.operations.payments.conftest import Shop


def connected(shop: Shop, *accounts: str, model: ChargeModel = ChargeModel.DIRECT) -> None:
    """Let stores be paid through accounts of their own."""
    with shop.database.write() as records:
        for store, name in zip(("store-my-shop", "store-other-shop"), accounts, strict=False):
            account = PaymentAccount(store, name, model)
            records.payments.set_account(account, shop.clock())


REFUSED = ("store-my-shop", "account:acct_1:store-my-shop")


def test_a_poll_records_what_is_new_and_acts_on_nothing(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)

    first = shop.stripe_events.poll({})
    second = shop.stripe_events.poll(first.newest)

    assert (first.seen, first.recorded, first.newest) == (1, 1, {"": shop.clock()})
    assert (second.seen, second.recorded, second.newest) == (1, 0, first.newest)
    assert shop.show(order).order.payment_status is PaymentStatus.PENDING
    assert shop.inbox.count_due() == 1


def test_an_event_that_appears_late_is_still_found(shop: Shop) -> None:
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED)
    cursor = shop.stripe_events.poll({}).newest
    shop.clock.advance(minutes=10)
    late = shop.provider.put(FactKind.INTENT, "pi_2", FactState.SUCCEEDED)
    newer = shop.provider.put(FactKind.INTENT, "pi_3", FactState.SUCCEEDED)
    shop.provider.log.remove(late)
    cursor = shop.stripe_events.poll(cursor).newest

    shop.provider.log.append(late)
    found = shop.stripe_events.poll(cursor)

    assert newer.occurred_at is not None
    assert cursor[""] == newer.occurred_at
    assert found.recorded == 1
    assert timedelta(minutes=10) < OVERLAP


def test_each_account_has_a_cursor_and_a_fault_of_one_leaves_the_others_polled(
    shop: Shop,
) -> None:
    with shop.database.write() as records:
        account = PaymentAccount("store-my-shop", "acct_1", ChargeModel.DIRECT)
        records.payments.set_account(account, shop.clock())
        shared = PaymentAccount("store-other-shop", "acct_2", ChargeModel.DESTINATION)
        records.payments.set_account(shared, shop.clock())
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, account="acct_1")
    events = shop.provider.events

    def refusing(account: str, since: object) -> object:
        if account == "":
            raise PaymentLoginRefused("the key is wrong")
        return events(account, since)  # type: ignore[arg-type]

    shop.provider.events = refusing  # type: ignore[assignment, method-assign]
    found = shop.stripe_events.poll({"": shop.clock() - timedelta(hours=1)})

    assert shop.stripe_events.accounts() == ["", "acct_1"]
    assert found.recorded == 1
    assert found.faults == {"": "the key is wrong"}
    assert found.newest == {"": shop.clock() - timedelta(hours=1), "acct_1": shop.clock()}


def test_a_gap_longer_than_events_are_kept_is_reconciled_from_its_beginning(shop: Shop) -> None:
    order = shop.order()
    paid = shop.order("1002")
    shop.provider.put(FactKind.INTENT, "pi_2", FactState.SUCCEEDED, order=paid.id)
    shop.hear()
    last = shop.clock()
    shop.clock.advance(days=1)
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    shop.provider.put(FactKind.DISPUTE, "dp_2", FactState.OPEN, intent="pi_2")
    shop.clock.advance(days=45)
    shop.provider.log.clear()  # the provider has forgotten them

    found = shop.stripe_events.poll({"": last})
    assert (found.stale, found.recorded) == ({"": last}, 0)
    assert shop.stripe_events.reconcile(found.stale[""]) == 2

    assert shop.show(order).order.payment_status is PaymentStatus.PAID
    assert [each.source for each in shop.show(paid).order.holds] == ["dispute:dp_2"]


def test_nothing_is_read_while_no_order_waits_for_a_payment(shop: Shop) -> None:
    order = shop.order()
    shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)

    assert shop.stripe_events.reconcile() == 1

    reads = shop.provider.reads
    assert shop.stripe_events.reconcile() == 0
    assert shop.provider.reads == reads


def test_a_quiet_month_is_no_gap(shop: Shop) -> None:
    cursor: dict[str, datetime] = {}
    for _ in range(40):
        found = shop.stripe_events.poll(cursor)
        assert found.stale == {}
        cursor = found.newest
        shop.clock.advance(days=1)


def test_a_gap_is_found_once(shop: Shop) -> None:
    last = shop.clock() - timedelta(days=40)

    first = shop.stripe_events.poll({"": last})

    assert first.stale == {"": last}
    assert shop.stripe_events.poll(first.newest).stale == {}


def test_a_poll_stops_at_its_budget_and_the_next_one_goes_on(shop: Shop) -> None:
    for number in range(250):
        shop.provider.put(FactKind.INTENT, f"pi_{number}", FactState.SUCCEEDED)
        shop.clock.advance(minutes=1)
    start = shop.clock() - timedelta(hours=5)

    first = shop.stripe_events.poll({"": start}, budget_seconds=-1)
    second = shop.stripe_events.poll(first.newest)

    assert (first.seen, first.recorded) == (100, 100)
    assert first.newest == {"": shop.provider.log[99].occurred_at}
    assert second.recorded == 150


def test_accounts_that_the_budget_does_not_reach_come_first_the_next_time(shop: Shop) -> None:
    with shop.database.write() as records:
        for store, name in (("store-my-shop", "acct_1"), ("store-other-shop", "acct_2")):
            account = PaymentAccount(store, name, ChargeModel.DIRECT)
            records.payments.set_account(account, shop.clock())
    asked: list[str] = []
    events = shop.provider.events

    def slow(account: str, since: datetime) -> Iterator[Stretch]:
        asked.append(account)
        shop.clock.advance(seconds=20)
        return events(account, since)

    shop.provider.events = slow  # type: ignore[method-assign]
    cursor: dict[str, datetime] = {}
    for _ in range(3):
        cursor = shop.stripe_events.poll(cursor, budget_seconds=30).newest
        shop.clock.advance(hours=2)

    assert asked == ["", "acct_1", "", "acct_2", "", "acct_1"]


def test_an_account_that_withdrew_is_told_of_though_its_events_cannot_be_listed(
    shop: Shop,
) -> None:
    with shop.database.write() as records:
        account = PaymentAccount("store-my-shop", "acct_1", ChargeModel.DIRECT)
        records.payments.set_account(account, shop.clock())
    events = shop.provider.events

    def refusing(account: str, since: datetime) -> Iterator[Stretch]:
        if account:
            raise PaymentLoginRefused("the account took our access away")
        return events(account, since)

    shop.provider.events = refusing  # type: ignore[method-assign]
    assert "acct_1" in shop.stripe_events.poll({}).faults

    assert shop.told.now == {REFUSED: ["Payments cannot be taken"]}
    assert shop.stripe_events.accounts() == [""]
    assert shop.stripe_events.poll({}).faults == {}


def test_what_was_recorded_before_a_fault_is_kept_and_the_cursor_stands_there(shop: Shop) -> None:
    for number in range(150):
        shop.provider.put(FactKind.INTENT, f"pi_{number}", FactState.SUCCEEDED)
    events = list(shop.provider.log)

    def breaking(account: str, since: object) -> object:
        yield Stretch(events[:120], shop.clock())
        raise PaymentUnavailable("no answer from Stripe")

    shop.provider.events = breaking  # type: ignore[assignment, method-assign]
    found = shop.stripe_events.poll({"": shop.clock() - timedelta(hours=3)})

    assert (found.recorded, found.faults) == (120, {"": "no answer from Stripe"})
    assert found.newest == {"": shop.clock()}


def test_a_fact_and_its_order_that_were_stored_at_one_moment_find_each_other(shop: Shop) -> None:
    with shop.database.write() as records:
        account = PaymentAccount("store-other-shop", "acct_2", ChargeModel.DIRECT)
        records.payments.set_account(account, shop.clock())
    order = shop.order()
    paid = shop.provider.put(FactKind.INTENT, "pi_1", FactState.SUCCEEDED, order=order.id)
    other = shop.provider.put(
        FactKind.INTENT,
        "pi_2",
        FactState.SUCCEEDED,
        store="my-shop",
        number="1001",
        account="acct_2",
    )
    with shop.database.write() as records:
        # As a process keeps them that does not see the order yet.
        facts = [shop.provider.objects["pi_1"], shop.provider.objects["pi_2"]]
        records.payments.keep(facts, shop.clock())
    assert paid.account != other.account

    assert shop.stripe_events.adopt_strays() == 1
    assert shop.stripe_events.adopt_strays() == 0

    after = shop.show(order).order
    assert (after.payment_status, after.paid_minor) == (PaymentStatus.PAID, 4938)


def test_the_accounts_after_one_that_hangs_are_polled(shop: Shop) -> None:
    connected(shop, "acct_1", "acct_2")
    shop.provider.put(FactKind.INTENT, "pi_2", FactState.SUCCEEDED, account="acct_2")
    events = shop.provider.events

    def hanging(account: str, since: datetime) -> Iterator[Stretch]:
        if account != "acct_2":
            shop.clock.advance(seconds=9)
            raise PaymentUnavailable("no answer from Stripe")
        return events(account, since)

    shop.provider.events = hanging  # type: ignore[method-assign]
    before = shop.clock()
    found = shop.stripe_events.poll({})

    assert found.faults == dict.fromkeys(("", "acct_1"), "no answer from Stripe")
    assert (found.recorded, found.newest["acct_2"]) == (1, before)


def test_a_poll_waits_for_nobody_much_longer_than_its_budget(shop: Shop) -> None:
    start = shop.clock()

    shop.stripe_events.poll({}, budget_seconds=20)

    assert shop.provider.deadlines == [start + timedelta(seconds=30)]


def test_a_quiet_month_that_is_told_of_slowly_is_caught_up_with_in_several_polls(
    shop: Shop,
) -> None:
    start = shop.clock() - timedelta(days=28)
    asked: list[datetime] = []

    def slow(account: str, since: datetime) -> Iterator[Stretch]:
        asked.append(since)
        for day in range(1, 30):
            shop.clock.advance(seconds=3)
            yield Stretch((), since + timedelta(days=day))

    shop.provider.events = slow  # type: ignore[method-assign]
    first = shop.stripe_events.poll({"": start})
    shop.stripe_events.poll(first.newest)

    assert first.faults == {}
    assert timedelta(days=6) < asked[1] - asked[0] < timedelta(days=8)


@pytest.mark.parametrize("model", [ChargeModel.DESTINATION, ChargeModel.DIRECT])
def test_an_account_that_is_restricted_is_noticed_within_an_hour_and_told_until_it_is_mended(
    shop: Shop, model: ChargeModel
) -> None:
    shop.provider.accounts["acct_1"] = True
    connected(shop, "acct_1", model=model)
    cursor = shop.stripe_events.poll({}).newest
    assert shop.told.now == {}

    shop.provider.accounts["acct_1"] = False
    shop.clock.advance(minutes=59)
    shop.stripe_events.poll(cursor)
    assert shop.told.now == {}
    shop.clock.advance(minutes=1)
    shop.stripe_events.poll(cursor)
    assert shop.told.now == {REFUSED: ["Payments cannot be taken"]}

    shop.provider.accounts["acct_1"] = True
    shop.clock.advance(hours=1)
    shop.stripe_events.poll(cursor)
    assert shop.told.now == {}


def test_an_account_is_looked_at_once_an_hour_however_many_stores_it_serves(shop: Shop) -> None:
    shop.provider.accounts["acct_1"] = True
    connected(shop, "acct_1", "acct_1", model=ChargeModel.DESTINATION)
    looked: list[str] = []
    state = shop.provider.account_state

    def looking(external_id: str) -> AccountState:
        looked.append(external_id)
        return state(external_id)

    shop.provider.account_state = looking  # type: ignore[method-assign]
    for _ in range(4):
        shop.stripe_events.poll({})
        shop.clock.advance(minutes=20)

    assert looked == ["acct_1", "acct_1"]


def test_accounts_are_not_looked_at_while_nobody_answers(shop: Shop) -> None:
    connected(shop, "acct_1", "acct_2", model=ChargeModel.DESTINATION)
    shop.provider.fault = PaymentUnavailable("no answer from Stripe")

    assert shop.stripe_events.poll({}).faults == {"": "no answer from Stripe"}
    assert (shop.provider.reads, shop.told.now) == (1, {})


@pytest.mark.parametrize("model", [ChargeModel.DESTINATION, ChargeModel.DIRECT])
def test_reconciling_reads_how_accounts_stand(shop: Shop, model: ChargeModel) -> None:
    shop.provider.accounts["acct_1"] = False
    connected(shop, "acct_1", model=model)

    shop.stripe_events.reconcile()
    assert shop.told.now == {REFUSED: ["Payments cannot be taken"]}
    with shop.database.read() as records:
        assert not records.payments.account_of("store-my-shop").charges_enabled


def test_an_account_that_withdrew_and_came_back_is_found_by_reconciling(shop: Shop) -> None:
    connected(shop, "acct_1")
    shop.stripe_events.poll({})
    assert shop.stripe_events.accounts() == [""]

    shop.clock.advance(days=1)
    shop.provider.accounts["acct_1"] = True
    shop.stripe_events.reconcile()

    assert shop.stripe_events.accounts() == ["", "acct_1"]
    assert shop.told.now == {}
