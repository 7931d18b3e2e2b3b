"""Adding stores and changing how they are run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.stores import Account, PlanTier, Store, StoreStatus, SyncFrequency
from zyenta_ops.operations.stores import Stores
from zyenta_ops_tests.conftest import FixedClock

GIVEN: dict[str, Any] = {
    "name": "My Shop",
    "email": "me@example.com",
    "currency": "EUR",
    "country": "DE",
}


def test_a_store_is_added_with_its_owner_and_everything_unsaid_chosen(stores: Stores) -> None:
    added = stores.add(**GIVEN)
    assert added == Store(
        id="id-000002",
        account=Account("id-000001", "me@example.com", "me", PlanTier.AUTOPILOT),
        name="My Shop",
        subdomain="my-shop",
        currency="EUR",
        ship_to_country="DE",
        pricing_strategy={"markup": "30"},
        alert_preferences={"email": True},
        created_at=datetime(2026, 11, 2, 12, 0, tzinfo=UTC),
        status=StoreStatus.ACTIVE,
        sync_frequency=SyncFrequency.STANDARD,
    )
    assert stores.show("my-shop") == stores.show("id-000002") == added


def test_everything_said_is_kept_in_canonical_form(stores: Stores) -> None:
    added = stores.add(
        name=" Other   Shop ",
        email="Ann@Example.com",
        owner_name="Ann Owner",
        currency="jpy",
        country="jp",
        subdomain="Shop2",
        frequency=SyncFrequency.HIGH,
        strategy={"markup": "50"},
        preferences={"email": False},
    )
    assert (added.name, added.subdomain, added.currency, added.ship_to_country) == (
        "Other Shop",
        "shop2",
        "JPY",
        "JP",
    )
    assert (added.account.email, added.account.name) == ("ann@example.com", "Ann Owner")
    assert added.sync_frequency is SyncFrequency.HIGH
    assert (added.pricing_strategy, added.alert_preferences) == ({"markup": "50"}, {"email": False})


def test_a_second_store_of_the_same_address_belongs_to_the_same_account(stores: Stores) -> None:
    first = stores.add(**GIVEN)
    second = stores.add(**GIVEN | {"name": "Other", "email": "ME@example.com", "owner_name": "X"})
    assert second.account == first.account
    assert stores.list() == (first, second)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"email": "me"}, "'me' is not an e-mail address"),
        ({"currency": "EURO"}, "'EURO' is not an ISO 4217 currency code"),
        ({"country": "UK"}, "'UK' is not an ISO 3166 country code of two letters; write GB"),
        ({"name": " "}, "the name of the store is empty"),
        ({"subdomain": "a.b"}, "'a.b' cannot be a subdomain"),
        ({"strategy": {"mark": 1}}, "'mark' is not a field of a pricing strategy"),
        ({"preferences": {"sms": 1}}, "'sms' is not an alert preference"),
    ],
)
def test_a_store_with_anything_unusable_is_refused_and_nothing_is_added(
    stores: Stores, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused) as refusal:
        stores.add(**GIVEN | wrong)
    assert str(refusal.value).startswith(sentence)
    assert stores.list() == ()


def test_a_taken_subdomain_is_refused_and_its_owner_is_not_added(stores: Stores) -> None:
    first = stores.add(**GIVEN)
    with pytest.raises(Refused, match="the subdomain 'my-shop' belongs to another store"):
        stores.add(**GIVEN | {"email": "new@example.com", "owner_name": "New"})
    assert stores.list() == (first,)
    added = stores.add(
        **GIVEN | {"email": "new@example.com", "owner_name": "Newer", "subdomain": "new"}
    )
    assert added.account.name == "Newer"


def test_a_store_is_paused_and_resumed(stores: Stores) -> None:
    added = stores.add(**GIVEN)
    paused = replace(added, status=StoreStatus.PAUSED)
    assert stores.pause("my-shop") == stores.pause("my-shop") == paused
    assert stores.show("my-shop") == paused
    assert stores.resume(added.id) == stores.show("my-shop") == added


def test_a_closed_store_stays_closed(stores: Stores) -> None:
    closed = replace(stores.add(**GIVEN), status=StoreStatus.CLOSED)
    assert stores.close("my-shop") == closed
    for change in (stores.pause, stores.resume, stores.close):
        with pytest.raises(Refused, match="the store 'my-shop' is closed"):
            change("my-shop")
    with pytest.raises(Refused, match="the store 'my-shop' is closed"):
        stores.set_frequency("my-shop", SyncFrequency.HIGH)
    assert stores.show("my-shop") == closed


def test_settings_are_replaced_in_full(stores: Stores, clock: FixedClock) -> None:
    added = stores.add(**GIVEN, strategy={"markup": "50"}, preferences={"email": False})
    clock.advance(hours=1)
    stores.set_strategy("my-shop", {})
    stores.set_preferences("my-shop", {})
    changed = stores.set_frequency("my-shop", SyncFrequency.HIGH)
    assert changed == stores.show("my-shop")
    assert changed == replace(
        added,
        pricing_strategy={"markup": "30"},
        alert_preferences={"email": True},
        sync_frequency=SyncFrequency.HIGH,
    )


def test_a_refused_setting_leaves_the_old_one(stores: Stores) -> None:
    added = stores.add(**GIVEN)
    with pytest.raises(Refused, match="'mark' is not a field"):
        stores.set_strategy("my-shop", {"mark": 1})
    with pytest.raises(Refused, match="'sms' is not an alert preference"):
        stores.set_preferences("my-shop", {"sms": 1})
    assert stores.show("my-shop") == added


def test_an_unknown_store_is_answered_with_near_ones(stores: Stores) -> None:
    with pytest.raises(NotFound, match="there is no store 'my-shop'; none has been added yet"):
        stores.show("my-shop")
    stores.add(**GIVEN)
    for act in (stores.show, stores.pause, stores.resume, stores.close):
        with pytest.raises(NotFound, match="there is no store 'myshop'; did you mean my-shop"):
            act("myshop")
