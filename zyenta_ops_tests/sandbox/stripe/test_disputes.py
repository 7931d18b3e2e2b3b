"""Disputes, early fraud warnings and reviews, as Stripe's library meets them."""

from __future__ import annotations

import pytest
import stripe

from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.stripe.conftest import refused, types
from zyenta_ops_tests.sandbox.stripe.test_payment_intents import paid


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("won", ["charge.dispute.funds_reinstated", "charge.dispute.closed"]),
        ("lost", ["charge.dispute.closed"]),
    ],
)
def test_a_dispute_takes_the_money_until_it_is_decided(
    api: stripe.StripeClient, world: SandboxWorld, outcome: str, told: list[str]
) -> None:
    intent = paid(api, "pm_card_createDispute")

    (dispute,) = api.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, dispute.amount, dispute.reason) == (
        "needs_response", 4_200, "fraudulent",
    )  # fmt: skip
    assert types(api)[3:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    error = refused(lambda: api.v1.refunds.create({"payment_intent": intent.id}))
    assert error.code == "charge_disputed"
    world.payers.close_dispute(dispute.id, outcome)

    after = api.v1.disputes.retrieve(dispute.id)
    assert (after.status, api.v1.charges.retrieve(str(after.charge)).disputed) == (outcome, True)
    assert types(api)[5:] == told


def test_an_inquiry_takes_no_money_and_may_end_as_one(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    intent = paid(api)
    inquiry = world.payers.dispute("o1", inquiry=True)
    assert (inquiry["status"], inquiry["balance_transactions"]) == ("warning_needs_response", [])

    api.v1.refunds.create({"payment_intent": intent.id, "amount": 200})
    with pytest.raises(ValueError, match="An inquiry ends as warning_closed"):
        world.payers.close_dispute(inquiry["id"], "lost")
    world.payers.close_dispute(inquiry["id"], "warning_closed")

    assert api.v1.disputes.retrieve(inquiry["id"]).status == "warning_closed"
    assert "charge.dispute.funds_withdrawn" not in types(api)


def test_an_inquiry_may_become_a_dispute(api: stripe.StripeClient, world: SandboxWorld) -> None:
    paid(api, "pm_card_createDisputeInquiry")
    (inquiry,) = api.v1.disputes.list().data

    world.payers.escalate(inquiry.id)

    assert api.v1.disputes.retrieve(inquiry.id).status == "needs_response"
    assert types(api)[-2:] == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]


def test_evidence_is_sent_and_a_dispute_can_be_given_up(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    paid(api)
    dispute = world.payers.dispute("o1", "product_not_received")

    draft = api.v1.disputes.update(
        dispute["id"], {"evidence": {"shipping_carrier": "UPS"}, "submit": False}
    )
    assert (draft.status, draft.evidence_details.has_evidence) == ("needs_response", True)
    sent = api.v1.disputes.update(dispute["id"], {"evidence": {"shipping_date": "2026-11-01"}})
    assert (sent.status, sent.evidence.shipping_carrier) == ("under_review", "UPS")
    assert api.v1.disputes.close(dispute["id"]).status == "lost"

    error = refused(lambda: api.v1.disputes.close(dispute["id"]))
    assert "already closed" in str(error.user_message)


def test_the_issuer_warns_of_fraud(api: stripe.StripeClient, world: SandboxWorld) -> None:
    intent = paid(api, "pm_card_createIssuerFraudRecord")
    other = world.payers.warn(intent.id)

    listed = api.v1.radar.early_fraud_warnings.list({"payment_intent": intent.id}).data
    assert listed[0].id == other["id"]
    assert (listed[1].charge, listed[1].actionable) == (intent.latest_charge, True)
    assert types(api, type="radar.*") == ["radar.early_fraud_warning.created"] * 2


def test_a_payment_is_reviewed_and_approved(api: stripe.StripeClient) -> None:
    intent = paid(api, "pm_card_riskLevelElevated")
    review = api.v1.reviews.retrieve(str(api.v1.payment_intents.retrieve(intent.id).review))
    assert (review.open, review.opened_reason, review.charge) == (
        True, "rule", intent.latest_charge,
    )  # fmt: skip

    api.v1.reviews.approve(review.id)

    after = api.v1.reviews.retrieve(review.id)
    assert (after.open, after.reason, after.closed_reason) == (False, "approved", "approved")
    assert types(api, type="review.*") == ["review.opened", "review.closed"]


def test_a_full_refund_ends_the_review(api: stripe.StripeClient) -> None:
    intent = paid(api, "pm_card_riskLevelElevated")

    api.v1.refunds.create({"payment_intent": intent.id, "reason": "fraudulent"})

    (review,) = api.v1.reviews.list().data
    assert (review.open, review.closed_reason) == (False, "refunded_as_fraud")


def test_nothing_is_disputed_reviewed_or_decided_twice(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    paid(api)
    dispute = world.payers.dispute("o1")
    review = world.payers.review("o1")
    world.payers.close_review(review["id"])
    before = types(api)

    with pytest.raises(ValueError, match="is already disputed"):
        world.payers.dispute("o1")
    with pytest.raises(ValueError, match="is already under review"):
        world.payers.review("o1")
    with pytest.raises(ValueError, match="is already closed"):
        world.payers.close_review(review["id"])
    with pytest.raises(ValueError, match="is no open inquiry"):
        world.payers.escalate(dispute["id"])

    assert types(api) == before


@pytest.mark.parametrize("by", ["a refund", "a dispute"])
def test_a_warning_asks_for_nothing_once_the_payment_went_back(
    api: stripe.StripeClient, world: SandboxWorld, by: str
) -> None:
    paid(api)
    warning = world.payers.warn("o1")
    world.payers.refund("o1", 200)
    assert api.v1.radar.early_fraud_warnings.retrieve(warning["id"]).actionable

    if by == "a refund":
        world.payers.refund("o1")
    else:
        world.payers.dispute("o1")

    assert not api.v1.radar.early_fraud_warnings.retrieve(warning["id"]).actionable
    assert types(api).count("radar.early_fraud_warning.updated") == 1
