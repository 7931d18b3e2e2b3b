"""Through which account a store is paid, and that it is open to us."""

from __future__ import annotations

import pytest

from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.payment_errors import PaymentUnavailable
from zyenta_ops.operations.payments import PaymentAccounts
from zyenta_ops.ports.payments import ChargeModel
from zyenta_ops_tests.operations.payments.conftest import Shop


def accounts(shop: Shop) -> PaymentAccounts:
    return PaymentAccounts(shop.database, shop.provider, shop.clock)


def test_a_connected_account_is_looked_at_before_it_is_taken(shop: Shop) -> None:
    shop.provider.accounts["acct_1"] = False

    chosen = accounts(shop).choose("my-shop", ChargeModel.DIRECT, "acct_1")

    assert (chosen.charge_model, chosen.external_id) == (ChargeModel.DIRECT, "acct_1")
    assert not chosen.charges_enabled
    assert accounts(shop).show("my-shop") == chosen
    assert accounts(shop).show("other-shop").charge_model is ChargeModel.PLATFORM


def test_an_account_that_gives_no_access_is_refused_and_changes_nothing(shop: Shop) -> None:
    before = accounts(shop).show("my-shop")

    with pytest.raises(Refused, match="acct_1 gives the platform no access"):
        accounts(shop).choose("my-shop", ChargeModel.DIRECT, "acct_1")

    assert accounts(shop).show("my-shop") == before


def test_an_account_that_cannot_be_read_changes_nothing(shop: Shop) -> None:
    before = accounts(shop).show("my-shop")
    shop.provider.fault = PaymentUnavailable("no answer from Stripe")

    with pytest.raises(PaymentUnavailable):
        accounts(shop).choose("my-shop", ChargeModel.DIRECT, "acct_1")

    assert accounts(shop).show("my-shop") == before


def test_an_account_that_comes_back_is_open_again_when_it_is_said_anew(shop: Shop) -> None:
    shop.provider.accounts["acct_1"] = True
    accounts(shop).choose("my-shop", ChargeModel.DIRECT, "acct_1")
    shop.clock.advance(hours=1)
    shop.provider.tell("account.application.deauthorized", "ca_1", "acct_1")
    shop.hear()
    assert accounts(shop).show("my-shop").deauthorized_at == shop.clock()

    shop.clock.advance(hours=1)
    chosen = accounts(shop).choose("my-shop", ChargeModel.DIRECT, "acct_1")

    assert chosen.deauthorized_at is None
    assert shop.stripe_events.accounts() == ["", "acct_1"]


def test_an_unknown_store_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        accounts(shop).choose("nowhere", ChargeModel.PLATFORM)
