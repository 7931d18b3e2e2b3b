"""Refunds, as Stripe's library meets them."""

from __future__ import annotations

from typing import Any

import stripe

from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.stripe.conftest import refused, types
from zyenta_ops_tests.sandbox.stripe.test_payment_intents import paid


def charge_of(api: stripe.StripeClient, intent: Any) -> stripe.Charge:
    return api.v1.charges.retrieve(intent.latest_charge)


def test_a_payment_is_refunded_in_parts(api: stripe.StripeClient) -> None:
    intent = paid(api)

    one = api.v1.refunds.create(
        {"payment_intent": intent.id, "amount": 1_000, "metadata": {"zy_refund_id": "r1"}}
    )
    assert (one.status, one.amount, one.payment_intent) == ("succeeded", 1_000, intent.id)
    assert (charge_of(api, intent).amount_refunded, charge_of(api, intent).refunded) == (
        1_000,
        False,
    )
    two = api.v1.refunds.create({"charge": intent.latest_charge, "reason": "duplicate"})

    assert (two.amount, two.reason) == (3_200, "duplicate")
    assert (charge_of(api, intent).amount_refunded, charge_of(api, intent).refunded) == (
        4_200,
        True,
    )
    listed = api.v1.refunds.list({"payment_intent": intent.id})
    assert [each.id for each in listed.data] == [two.id, one.id]
    assert api.v1.refunds.retrieve(one.id).metadata == one.metadata
    assert types(api)[3:] == ["refund.created", "charge.refunded"] * 2


def test_more_than_is_left_is_not_refunded(api: stripe.StripeClient) -> None:
    intent = paid(api)
    api.v1.refunds.create({"payment_intent": intent.id, "amount": 1_000})

    error = refused(lambda: api.v1.refunds.create({"payment_intent": intent.id, "amount": 3_201}))

    assert (error.http_status, error.code, error.user_message) == (
        400,
        None,
        "Refund amount ($32.01) is greater than unrefunded amount on charge ($32.00)",
    )
    assert charge_of(api, intent).amount_refunded == 1_000
    api.v1.refunds.create({"payment_intent": intent.id})
    error = refused(lambda: api.v1.refunds.create({"payment_intent": intent.id}))
    assert error.code == "charge_already_refunded"
    assert error.user_message == f"Charge {intent.latest_charge} has already been refunded."


def test_a_payment_that_was_not_made_is_not_refunded(api: stripe.StripeClient) -> None:
    held = paid(api, capture_method="manual")

    error = refused(lambda: api.v1.refunds.create({"payment_intent": held.id}))

    assert error.user_message == (
        f"This PaymentIntent ({held.id}) does not have a successful charge to refund."
    )
    assert api.v1.refunds.list().data == []


def test_a_refund_may_take_a_while(api: stripe.StripeClient, world: SandboxWorld) -> None:
    intent = paid(api, "pm_card_pendingRefund")

    refund = api.v1.refunds.create({"payment_intent": intent.id})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    world.advance(hours=1)

    assert api.v1.refunds.retrieve(refund.id).status == "succeeded"
    updated = api.v1.events.list({"type": "refund.updated"}).data[0]
    assert updated.data.previous_attributes is not None
    assert updated.data.previous_attributes.to_dict() == {"status": "pending"}


def test_a_refund_may_fail_after_all(api: stripe.StripeClient, world: SandboxWorld) -> None:
    intent = paid(api, "pm_card_refundFail")

    refund = api.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    world.advance(hours=1)

    after = api.v1.refunds.retrieve(refund.id)
    assert (after.status, after.failure_reason) == ("failed", "expired_or_canceled_card")
    assert charge_of(api, intent).amount_refunded == 0
    assert types(api)[-3:] == ["refund.updated", "charge.refund.updated", "refund.failed"]


def test_what_went_on_to_another_account_comes_back_on_request(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    merchant = world.payers.connect()["id"]
    sent = paid(api, transfer_data={"destination": merchant}, application_fee_amount=300)
    plain = paid(api)

    refund = api.v1.refunds.create(
        {"payment_intent": sent.id, "reverse_transfer": True, "refund_application_fee": True}
    )

    assert str(refund.transfer_reversal).startswith("trr_")
    error = refused(
        lambda: api.v1.refunds.create({"payment_intent": plain.id, "reverse_transfer": True})
    )
    assert error.user_message == (
        f"Cannot reverse transfer on charge {plain.latest_charge} because it does not have an "
        "associated transfer."
    )
    error = refused(
        lambda: api.v1.refunds.create({"payment_intent": plain.id, "refund_application_fee": True})
    )
    assert "has no application fee" in str(error.user_message)
    assert charge_of(api, plain).amount_refunded == 0


def test_somebody_refunds_from_the_dashboard(api: stripe.StripeClient, world: SandboxWorld) -> None:
    intent = paid(api)

    world.payers.refund("o1", 200)

    (refund,) = api.v1.refunds.list({"payment_intent": intent.id}).data
    assert (refund.amount, refund.status) == (200, "succeeded")
    event = api.v1.events.list({"type": "refund.created"}).data[0]
    assert event.request is not None
    assert (event.request.id, event.request.idempotency_key) == (None, None)


def test_only_the_metadata_of_a_refund_can_be_changed(api: stripe.StripeClient) -> None:
    refund = api.v1.refunds.create({"payment_intent": paid(api).id})

    changed = api.v1.refunds.update(refund.id, {"metadata": {"zy_refund_id": "r1"}})

    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"zy_refund_id": "r1"}
    wrong: Any = {"amount": 1}
    assert refused(lambda: api.v1.refunds.update(refund.id, wrong)).code == "parameter_unknown"
    assert types(api)[-2:] == ["refund.updated", "charge.refund.updated"]


def test_a_refund_says_what_it_refunds(api: stripe.StripeClient) -> None:
    error = refused(lambda: api.v1.refunds.create({"amount": 100}))
    assert error.user_message == (
        "One of the following params should be provided for this request: payment_intent or charge."
    )
    held = str(paid(api, capture_method="manual").latest_charge)
    error = refused(lambda: api.v1.refunds.create({"charge": held}))
    assert "no captured amount" in str(error.user_message)
    assert api.v1.refunds.list().data == []
