"""Adding suppliers and our logins at them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from zyenta_ops.domain.credentials import Credentials
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.stores import Supplier, SupplierKind, SupplierStatus
from zyenta_ops.operations.stores import Suppliers

SENTINEL = "sentinel-5f2b"
LOGIN = {"header": ["X-Token", SENTINEL]}
GIVEN: dict[str, Any] = {
    "key": "my-feed",
    "kind": SupplierKind.FEED,
    "config": {"location": "https://supplier.example/products.csv"},
    "country": "us",
    "currency": "usd",
}


def test_a_supplier_is_added_with_its_configuration_in_full(suppliers: Suppliers) -> None:
    added = suppliers.add(**GIVEN)
    assert added == Supplier(
        key="my-feed",
        name="my-feed",
        kind=SupplierKind.FEED,
        config={"preset": "auto", "location": "https://supplier.example/products.csv"},
        country="US",
        currency="USD",
        created_at=datetime(2026, 11, 2, 12, 0, tzinfo=UTC),
    )
    assert suppliers.show("my-feed") == added
    assert suppliers.list() == (added,)
    assert suppliers.credentials("my-feed") is None


def test_credentials_come_back_as_they_were_given(suppliers: Suppliers) -> None:
    added = suppliers.add(**GIVEN, credentials=LOGIN)
    assert added.has_credentials
    assert suppliers.show("my-feed") == added
    assert suppliers.credentials("my-feed") == Credentials.of(LOGIN)
    assert SENTINEL not in repr(added)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"key": "My Feed"}, "'My Feed' cannot be the key of a supplier"),
        ({"config": {}}, "the feed setting 'location' is missing"),
        ({"country": "XX"}, "'XX' is not an ISO 3166 country code"),
        ({"currency": "US"}, "'US' is not an ISO 4217 currency code"),
        ({"name": "\x07"}, "the name of the supplier holds control characters"),
        ({"credentials": {"token": SENTINEL}}, "credentials are either one 'header' or"),
        (
            {"config": {"location": "x", "mirrors": [f"ftp://me:{SENTINEL}@supplier.example/x"]}},
            "an address in the configuration holds a user name or password",
        ),
    ],
)
def test_a_supplier_with_anything_unusable_is_refused_and_nothing_is_added(
    suppliers: Suppliers, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused) as refusal:
        suppliers.add(**GIVEN | wrong)
    assert str(refusal.value).startswith(sentence)
    assert SENTINEL not in str(refusal.value)
    assert suppliers.list() == ()


def test_a_taken_key_is_refused_and_its_credentials_stay(suppliers: Suppliers) -> None:
    first = suppliers.add(**GIVEN, credentials=LOGIN)
    with pytest.raises(Refused, match="there is a supplier 'my-feed' already"):
        suppliers.add(**GIVEN, credentials={"basic": ["me", "other"]})
    assert suppliers.list() == (first,)
    assert suppliers.credentials("my-feed") == Credentials.of(LOGIN)


def test_an_at_sign_behind_the_host_is_no_password(suppliers: Suppliers) -> None:
    location = "https://supplier.example/me@home/products.csv?to=me@example.com"
    added = suppliers.add(**GIVEN | {"config": {"location": location, "limits": {"rows": 5}}})
    assert added.config["location"] == location


def test_a_supplier_is_paused_and_resumed(suppliers: Suppliers) -> None:
    added = suppliers.add(**GIVEN)
    paused = replace(added, status=SupplierStatus.PAUSED)
    assert suppliers.pause("my-feed") == suppliers.show("my-feed") == paused
    assert suppliers.resume("my-feed") == suppliers.show("my-feed") == added


def test_a_configuration_is_replaced_in_full(suppliers: Suppliers) -> None:
    added = suppliers.add(**GIVEN)
    changed = suppliers.configure("my-feed", {"location": "/feeds/other.csv"})
    assert changed == suppliers.show("my-feed")
    assert changed == replace(added, config={"preset": "auto", "location": "/feeds/other.csv"})


def test_a_refused_configuration_leaves_the_old_one(suppliers: Suppliers) -> None:
    added = suppliers.add(**GIVEN)
    with pytest.raises(Refused, match="the feed setting 'location' is missing"):
        suppliers.configure("my-feed", {})
    with pytest.raises(Refused, match="holds a user name or password"):
        suppliers.configure("my-feed", {"location": f"https://me:{SENTINEL}@supplier.example/"})
    with pytest.raises(NotFound, match="'myfeed'"):
        suppliers.configure("myfeed", {"location": "/feeds/other.csv"})
    assert suppliers.show("my-feed") == added


def test_credentials_are_replaced(suppliers: Suppliers) -> None:
    suppliers.add(**GIVEN)
    changed = suppliers.set_credentials("my-feed", LOGIN)
    assert changed.has_credentials
    assert suppliers.credentials("my-feed") == Credentials.of(LOGIN)
    suppliers.set_credentials("my-feed", {"basic": ["me", "new"]})
    assert suppliers.credentials("my-feed") == Credentials.of({"basic": ["me", "new"]})


def test_refused_credentials_leave_the_old_ones(suppliers: Suppliers) -> None:
    suppliers.add(**GIVEN, credentials=LOGIN)
    with pytest.raises(Refused, match="must be a pair of non-empty texts"):
        suppliers.set_credentials("my-feed", {"basic": ["me", ""]})
    assert suppliers.credentials("my-feed") == Credentials.of(LOGIN)


def test_an_unknown_supplier_is_answered_with_near_ones(suppliers: Suppliers) -> None:
    suppliers.add(**GIVEN)
    for act in (suppliers.show, suppliers.pause, suppliers.resume, suppliers.credentials):
        with pytest.raises(NotFound, match="there is no supplier 'myfeed'; did you mean my-feed"):
            act("myfeed")
    with pytest.raises(NotFound, match="'myfeed'"):
        suppliers.set_credentials("myfeed", LOGIN)


def test_some_of_a_configuration_is_changed_and_the_rest_stays(suppliers: Suppliers) -> None:
    config = {"location": "/feeds/a.csv", "columns": {"cost": "Dealer", "stock": "Qty"}}
    suppliers.add(**GIVEN | {"config": config})
    changed = suppliers.reconfigure(
        "my-feed", {"share": None, "columns": {"cost": None, "sku": "Ref"}, "limits": {"rows": 5}}
    )
    assert changed == suppliers.show("my-feed")
    assert changed.config == {
        "preset": "auto",
        "location": "/feeds/a.csv",
        "columns": {"stock": "Qty", "sku": "Ref"},
        "share": None,
        "limits": {"rows": 5},
    }


def test_a_refused_change_leaves_the_configuration_as_it_was(suppliers: Suppliers) -> None:
    added = suppliers.add(**GIVEN)
    with pytest.raises(Refused, match="holds a user name or password"):
        suppliers.reconfigure("my-feed", {"mirror": f"https://me:{SENTINEL}@supplier.example/"})
    with pytest.raises(NotFound, match="'myfeed'"):
        suppliers.reconfigure("myfeed", {"preset": "generic"})
    assert suppliers.show("my-feed") == added
