"""Connected accounts: worlds apart, until one of them withdraws."""

from __future__ import annotations

import json
from typing import Any

import pytest
import stripe

from zyenta_ops.sandbox.stripe.gateway import PLATFORM
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.receiver import receiving
from zyenta_ops_tests.sandbox.stripe.conftest import Connect, refused, types
from zyenta_ops_tests.sandbox.stripe.test_payment_intents import ORDER, paid


def test_a_connected_account_has_a_world_of_its_own(connect: Connect) -> None:
    platform = connect()
    merchant = platform.v1.accounts.create({"email": "m@m.example"})
    assert (merchant.charges_enabled, merchant.email) == (True, "m@m.example")
    theirs = connect(stripe_account=merchant.id)

    direct = paid(theirs)

    assert platform.v1.payment_intents.list().data == []
    assert refused(lambda: platform.v1.payment_intents.retrieve(direct.id)).http_status == 404
    by_header: Any = {"stripe_account": merchant.id}
    assert platform.v1.payment_intents.retrieve(direct.id, None, by_header).id == direct.id
    (event,) = theirs.v1.events.list({"type": "payment_intent.succeeded"}).data
    assert event.account == merchant.id
    assert types(platform, type="payment_intent.*") == []
    assert platform.v1.accounts.list().data[0].id == merchant.id


def test_an_account_is_restricted(connect: Connect, world: SandboxWorld) -> None:
    merchant = world.payers.connect()["id"]

    world.payers.restrict(merchant)

    read = connect().v1.accounts.retrieve(merchant)
    assert read.requirements is not None
    assert (read.charges_enabled, read.requirements.disabled_reason) == (
        False, "requirements.past_due",
    )  # fmt: skip
    (event,) = connect(stripe_account=merchant).v1.events.list({"type": "account.updated"}).data
    assert event.data.previous_attributes is not None
    assert event.data.previous_attributes["charges_enabled"] is True


def test_an_account_that_withdraws_is_closed_to_the_platform(
    connect: Connect, world: SandboxWorld
) -> None:
    merchant = world.payers.connect()["id"]
    theirs = connect(stripe_account=merchant)
    paid(theirs, "pm_usBankAccount_success")

    world.payers.withdraw(merchant)
    world.advance(days=5)

    told = [event["type"] for event in world.stripe.connected[merchant].events]
    assert told[-1] == "account.application.deauthorized"

    error: Any = refused(lambda: theirs.v1.payment_intents.create(ORDER))
    said = error.json_body["error"]
    assert isinstance(error, stripe.PermissionError)
    assert (error.http_status, said["code"]) == (403, "account_invalid")
    assert error.user_message == (
        f"The provided key 'sk_test_****************_key' does not have access to account "
        f"'{merchant}' (or that account does not exist). Application access may have been revoked."
    )
    nobody = connect(stripe_account="acct_none")
    assert refused(lambda: nobody.v1.events.list()).http_status == 403
    with pytest.raises(ValueError, match="cannot withdraw from itself"):
        world.payers.withdraw(PLATFORM)


def test_the_platform_hears_of_connected_accounts_at_an_endpoint_of_its_own(
    connect: Connect, world: SandboxWorld
) -> None:
    merchant = world.payers.connect()["id"]
    with receiving() as ours, receiving() as everyones:
        world.payers.listen(ours.url, ["payment_intent.succeeded"])
        world.payers.listen(everyones.url, connect=True)
        paid(connect(), metadata={"order_id": "ours"})
        paid(connect(stripe_account=merchant))
        world.payers.withdraw(merchant)
        world.settle()

    (own,) = [json.loads(body) for _, _, body in ours.told]
    assert own["data"]["object"]["metadata"] == {"order_id": "ours"}
    assert "account" not in own
    others = [json.loads(body) for _, _, body in everyones.told]
    assert [(each["type"], each["account"]) for each in others] == [
        ("payment_intent.created", merchant),
        ("charge.succeeded", merchant),
        ("payment_intent.succeeded", merchant),
        ("account.application.deauthorized", merchant),
    ]
    assert others[-1]["data"]["object"]["object"] == "application"


def test_money_goes_on_to_accounts_that_exist(connect: Connect, world: SandboxWorld) -> None:
    merchant, api = world.payers.connect()["id"], connect()

    sent = paid(api, transfer_data={"destination": merchant}, application_fee_amount=100)

    charge = api.v1.charges.retrieve(sent.latest_charge)
    assert (str(charge.transfer)[:3], str(charge.application_fee)[:4]) == ("tr_", "fee_")
    wrong: Any = {**ORDER, "transfer_data": {"destination": "acct_none"}}
    error: Any = refused(lambda: api.v1.payment_intents.create(wrong))
    assert (error.code, error.param) == ("resource_missing", "transfer_data[destination]")


def test_what_the_platform_notes_of_an_account_is_kept(connect: Connect) -> None:
    api = connect()
    merchant = api.v1.accounts.create({"type": "express", "country": "DE"})

    changed = api.v1.accounts.update(merchant.id, {"metadata": {"store": "ann"}, "email": "b@b.b"})

    assert changed.metadata is not None
    assert (changed.metadata.to_dict(), changed.email) == ({"store": "ann"}, "b@b.b")
    assert (changed.type, changed.country) == ("express", "DE")
    own = connect(stripe_account=merchant.id).v1.accounts.retrieve_current()
    assert own.id == merchant.id
    assert api.v1.accounts.retrieve_current().id == PLATFORM


def test_an_account_that_has_withdrawn_cannot_be_read_by_its_name_either(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    account = world.payers.connect()["id"]
    assert api.v1.accounts.retrieve(account).charges_enabled
    world.payers.withdraw(account)

    assert refused(lambda: api.v1.accounts.retrieve(account)).http_status == 403
    assert api.v1.accounts.retrieve_current().id
