from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.domain.errors import DeliveryDeferred, NotFound, RecipientGone, Refused
from zyenta_ops.domain.notifications import Channel
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.storefront_hooks import StorefrontHook
from zyenta_ops.operations.storefronts import StorefrontHooks
from zyenta_ops.persistence.schema import storefront_hook
from zyenta_ops_tests.operations.storefronts.conftest import KEYRING, READ_URL, URL, Shop

ONE, TWO, THREE = (f"whsec_c2VjcmV0{number}" for number in (1, 2, 3))


def stored(shop: Shop) -> list[str]:
    with shop.database.read() as records:
        return list(records.connection.execute(select(storefront_hook.c.sealed)).scalars())


def test_a_hook_is_kept_sealed_and_shows_its_secret_once(shop: Shop) -> None:
    chosen = shop.hooks.set("my-shop", URL, READ_URL)

    assert chosen.secret == ONE
    assert chosen.hook == shop.hooks.show("my-shop")
    assert chosen.hook == StorefrontHook("store-my-shop", URL, (ONE,), READ_URL)
    (sealed,) = stored(shop)
    assert "s3cret" not in sealed
    assert not [text for text in ("s3cret", ONE) if text in repr(chosen)]


def test_a_new_secret_signs_beside_the_old_until_that_is_dropped(shop: Shop) -> None:
    shop.hooks.set("my-shop", URL, READ_URL)

    assert shop.hooks.set("my-shop", rotate=True).secret == TWO
    assert shop.hooks.show("my-shop").secrets == (TWO, ONE)
    kept = shop.hooks.set("my-shop", drop_old=True)

    assert (kept.secret, kept.hook.secrets) == ("", (TWO,))
    assert (kept.hook.url, kept.hook.read_url) == (URL, READ_URL)


def test_secrets_do_not_pile_up(shop: Shop) -> None:
    shop.hooks.set("my-shop", URL)
    shop.hooks.set("my-shop", rotate=True)
    shop.hooks.set("my-shop", rotate=True)

    with pytest.raises(Refused, match="has 3 secrets; drop the old ones first"):
        shop.hooks.set("my-shop", rotate=True)

    assert shop.hooks.show("my-shop").secrets == (THREE, TWO, ONE)


@pytest.mark.parametrize(
    ("url", "read_url", "text"),
    [
        ("http://shop.example/hook", None, "the address of the webhook must be"),
        ("https://me:pass@shop.example/hook", None, "no user name and no password"),
        (None, None, "has no webhook yet"),
        (URL, "https://shop.example/orders", "must hold {number} once"),
        (URL, "http://shop.example/{number}", "the address that is read back must be"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_changes_nothing(
    shop: Shop, url: str | None, read_url: str | None, text: str
) -> None:
    with pytest.raises(Refused) as refusal:
        shop.hooks.set("my-shop", url, read_url)

    assert text in str(refusal.value)
    assert stored(shop) == []


def test_a_store_without_a_hook_is_told_how_to_get_one(shop: Shop) -> None:
    for call in (shop.hooks.show, shop.hooks.turn_off):
        with pytest.raises(NotFound, match="zyenta-ops store webhook set"):
            call("my-shop")
    with pytest.raises(NotFound, match="no store 'nope'"):
        shop.hooks.show("nope")


def test_a_hook_that_is_off_hears_nothing_until_it_is_set_anew(shop: Shop) -> None:
    shop.hooks.set("my-shop", URL)
    off = shop.hooks.turn_off("my-shop")
    assert (off.off_since, off.off_reason) == (shop.clock(), "turned off by a person")
    assert shop.hooks.in_force("store-my-shop") is None

    order = shop.order()
    shop.tell("paid", order)
    assert shop.outbox(Channel.STOREFRONT) == []
    shop.hooks.set("my-shop")
    shop.tell("cancelled", order)

    assert len(shop.outbox(Channel.STOREFRONT)) == 1
    assert shop.hooks.in_force("store-my-shop") == StorefrontHook("store-my-shop", URL, (ONE,))


def told(shop: Shop) -> Order:
    shop.hooks.set("my-shop", URL)
    order = shop.order()
    shop.tell("paid", order)
    return order


def test_a_system_that_wants_no_more_is_turned_off_and_its_owner_told(shop: Shop) -> None:
    order = told(shop)
    shop.system.fault = RecipientGone("the store's system answered 410: it wants no more events")

    report = shop.notifications.deliver()

    assert report.suppressed == 1
    hook = shop.hooks.show("my-shop")
    assert (hook.off_since, hook.off_reason) == (
        shop.clock(),
        "the store's system answered 410: it wants no more events",
    )
    assert shop.issues == {
        "storefront-hook:store-my-shop": ["Your system is told of no more orders"]
    }
    shop.tell("cancelled", order)
    assert len(shop.outbox(Channel.STOREFRONT)) == 1

    shop.hooks.set("my-shop")
    assert shop.issues == {}


def test_an_event_is_tried_when_the_system_wants_it_to_be(shop: Shop) -> None:
    told(shop)
    shop.system.fault = DeliveryDeferred("answered 503")
    shop.notifications.deliver()
    first = next(row for row in shop.rows() if row["channel"] == "STOREFRONT")
    assert 3 <= (first["next_attempt_at"] - shop.clock()).total_seconds() <= 7
    shop.clock.advance(seconds=10)
    shop.system.fault = DeliveryDeferred("answered 503", timedelta(hours=2))
    shop.notifications.deliver()

    again = next(row for row in shop.rows() if row["channel"] == "STOREFRONT")
    assert again["next_attempt_at"] == shop.clock() + timedelta(hours=2)
    shop.clock.advance(hours=2)
    shop.system.fault = None
    assert shop.notifications.deliver().sent == 1


def test_a_test_event_is_answered_at_once_and_not_kept(shop: Shop) -> None:
    shop.hooks.set("my-shop", URL)

    shop.hooks.test("my-shop", shop.system)

    (event,) = shop.system.taken
    assert (event.template, event.recipient) == ("test.sent", "store-my-shop")
    assert event.context["type"] == "test.sent"
    assert shop.rows() == []


def test_a_test_event_that_is_not_taken_says_why(shop: Shop) -> None:
    shop.hooks.set("my-shop", URL)
    shop.system.fault = DeliveryDeferred("the store's system answered 500")

    with pytest.raises(Refused, match="was not taken: the store's system answered 500"):
        shop.hooks.test("my-shop", shop.system)
    shop.hooks.turn_off("my-shop")
    with pytest.raises(Refused, match="the webhook is off"):
        shop.hooks.test("my-shop", shop.system)


def test_hooks_are_sealed_again_under_the_newest_key(shop: Shop) -> None:
    shop.hooks.set("my-shop", URL)
    assert shop.hooks.reseal() == 0
    keyring = "k2:" + "B" * 43 + "=," + KEYRING
    hooks = StorefrontHooks(
        shop.database, shop.clock, shop.new_id, lambda: "", Vault(keyring), shop.hooks.issues
    )

    assert (hooks.reseal(), hooks.reseal()) == (1, 0)

    assert hooks.show("my-shop").url == URL
    with pytest.raises(Refused, match="'k2', which the keyring does not hold"):
        shop.hooks.show("my-shop")
