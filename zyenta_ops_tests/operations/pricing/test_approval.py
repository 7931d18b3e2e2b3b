from collections.abc import Callable

import pytest

from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops_tests.operations.pricing.shop import Shop


def waiting(shop: Shop, ref: str = "shirt", cost: str = "18.00 EUR", name: str = "my-shop") -> str:
    """Bring a variant from 14.99 to a bigger move that waits; the id of the decision."""
    variant = shop.add_variant(ref, "10.00 EUR", shop=name)
    shop.reprice()
    shop.cost(variant, cost)
    shop.reprice()
    return str(shop.decisions(variant)[-1].id)


def test_an_approved_price_is_on_sale_and_told_of(shop: Shop) -> None:
    decision = waiting(shop)
    shop.clock.advance(hours=1)
    approved = shop.pricing.approve(decision).decision
    assert (approved.status, approved.settled_at) == ("APPROVED", shop.clock.now)
    assert approved.published == approved.price
    row = shop.variant("shirt-my-shop")
    assert (row.price_minor, row.floor_minor) == (2699, 1800)
    assert shop.moves() == [(None, 1499, "EUR"), (1499, 1800, "EUR"), (1800, 2699, "EUR")]
    assert shop.reprice_one().priced == 0


def test_approving_twice_changes_nothing_more(shop: Shop) -> None:
    decision = waiting(shop)
    first = shop.pricing.approve(decision)
    shop.clock.advance(hours=1)
    assert shop.pricing.approve(decision) == first
    assert len(shop.moves()) == 3


def test_a_blocked_price_can_be_approved_by_its_id(shop: Shop) -> None:
    decision = waiting(shop, cost="50.00 EUR")
    assert shop.statuses() == ["APPLIED", "BLOCKED"]
    shop.pricing.approve(decision)
    assert shop.price("shirt-my-shop") == 7499


def test_later_moves_are_measured_from_the_approved_price(shop: Shop) -> None:
    shop.pricing.approve(waiting(shop))
    shop.cost("shirt-my-shop", "18.50 EUR")
    assert shop.reprice_one().applied == 1
    assert shop.decisions()[-1].previous_minor == 2699


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda shop: shop.cost("shirt-my-shop", "19.00 EUR"),
            "it was made for a cost of 18.00 EUR and the cost is 19.00 EUR now",
        ),
        (
            lambda shop: shop.cost("shirt-my-shop", "18.00 EUR", list_price=4000),
            "the supplier's list price has changed",
        ),
        (lambda shop: shop.strategy({"value": "60"}), "the store's pricing strategy has changed"),
        (lambda shop: shop.lock("shirt-my-shop"), "the merchant locked the product's price"),
    ],
    ids=["cost", "list price", "strategy", "lock"],
)
def test_what_a_decision_was_made_with_must_still_hold(
    shop: Shop,
    change: Callable[[Shop], None],
    reason: str,
) -> None:
    decision = waiting(shop)
    change(shop)
    with pytest.raises(Refused) as refusal:
        shop.pricing.approve(decision)
    assert str(refusal.value) == (
        f"the price decision '{decision}' is out of date: {reason};"
        " the next pricing run decides anew"
    )
    assert (shop.price("shirt-my-shop"), shop.statuses()[-1]) == (1800, "WAITING")
    assert len(shop.moves()) == 2


def test_a_rate_that_moved_makes_a_decision_out_of_date(shop: Shop) -> None:
    shop.rate("EUR", "USD", "1.00")
    variant = shop.add_variant(cost="10.00 USD")
    shop.reprice()
    shop.cost(variant, "18.00 USD")
    shop.reprice()
    shop.clock.advance(hours=1)
    shop.rate("EUR", "USD", "1.01")
    with pytest.raises(Refused, match="the exchange rate from USD to EUR has changed"):
        shop.pricing.approve(shop.decisions()[-1].id)
    assert shop.price(variant) == 1800


def test_a_rate_grown_old_does_not_stop_what_it_priced_from_being_approved(shop: Shop) -> None:
    shop.rate("EUR", "USD", "1.00")
    variant = shop.add_variant(cost="10.00 USD")
    shop.reprice()
    shop.cost(variant, "18.00 USD")
    shop.reprice()
    shop.clock.advance(days=7)
    shop.pricing.approve(shop.decisions()[-1].id)
    assert shop.price(variant) == 2699


def test_a_declined_price_stays_declined_until_something_changes(shop: Shop) -> None:
    decision = waiting(shop)
    declined = shop.pricing.decline(decision, " not for this season ").decision
    assert (declined.status, declined.note) == ("DECLINED", "not for this season")
    assert shop.pricing.decline(decision).decision == declined
    assert shop.reprice_one().priced == 0
    assert shop.price("shirt-my-shop") == 1800
    assert shop.pricing.pending() == []
    shop.cost("shirt-my-shop", "19.00 EUR")
    shop.reprice()
    assert shop.decisions()[-1].previous_minor == 1800


def test_a_settled_decision_cannot_be_settled_otherwise(shop: Shop) -> None:
    decision = waiting(shop)
    shop.pricing.decline(decision)
    with pytest.raises(Refused, match=f"the price decision '{decision}' was declined; see"):
        shop.pricing.approve(decision)
    applied = shop.decisions()[0].id
    with pytest.raises(Refused, match="was published when it was made"):
        shop.pricing.decline(applied)
    assert shop.statuses() == ["APPLIED", "DECLINED"]
    assert shop.price("shirt-my-shop") == 1800


def test_a_superseded_decision_cannot_be_approved(shop: Shop) -> None:
    decision = waiting(shop)
    shop.cost("shirt-my-shop", "19.00 EUR")
    shop.reprice()
    with pytest.raises(Refused, match="the variant has been priced anew since"):
        shop.pricing.approve(decision)
    assert shop.price("shirt-my-shop") == 1900


def test_unknown_names_are_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound, match="there is no price decision 'nothing'"):
        shop.pricing.approve("nothing")
    with pytest.raises(NotFound, match="there is no price decision 'nothing'"):
        shop.pricing.decline("nothing")
    with pytest.raises(NotFound, match="there is no store 'my-shp'; did you mean my-shop"):
        shop.pricing.approve_all("my-shp")
    with pytest.raises(NotFound, match="there is no store 'my-shp'; did you mean my-shop"):
        shop.pricing.pending("my-shp")
    with pytest.raises(NotFound, match="there is no variant 'nothing'"):
        shop.pricing.explain_variant("nothing")


def test_pending_lists_waiting_and_blocked_prices_of_one_store_or_all(shop: Shop) -> None:
    shop.add_store("other")
    first = waiting(shop, "cup")
    blocked = waiting(shop, "shirt", "50.00 EUR")
    other = waiting(shop, "shirt", name="other")
    assert [each.decision.id for each in shop.pricing.pending()] == [first, blocked, other]
    assert [each.decision.id for each in shop.pricing.pending(limit=1)] == [first]
    (listed,) = shop.pricing.pending("other")
    assert (listed.store, listed.product, listed.variant, listed.decision.id) == (
        "other", "Shirt-Other", "M", other,
    )  # fmt: skip


def test_approve_all_takes_what_waits_and_leaves_what_is_blocked_or_out_of_date(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zyenta_ops.operations.pricing.approval._PAGE", 2)
    for ref in ("a", "b", "c"):
        waiting(shop, ref)
    waiting(shop, "blocked", "50.00 EUR")
    waiting(shop, "outdated")
    shop.cost("outdated-my-shop", "19.00 EUR")
    done = shop.pricing.approve_all("my-shop")
    assert (done.store, done.approved, done.outdated) == ("My Shop", 3, 1)
    assert [(str(move.before), str(move.after)) for move in done.moves] == [
        ("18.00 EUR", "26.99 EUR")
    ] * 3
    prices = {ref: shop.price(f"{ref}-my-shop") for ref in ("a", "b", "c", "blocked", "outdated")}
    assert prices == {"a": 2699, "b": 2699, "c": 2699, "blocked": 5000, "outdated": 1800}
    assert shop.pricing.approve_all("my-shop").approved == 0


def test_a_variant_is_explained_by_its_newest_decisions_first(shop: Shop) -> None:
    waiting(shop)
    first, second = shop.pricing.explain_variant("shirt-my-shop")
    assert (first.decision.status, second.decision.status) == ("WAITING", "APPLIED")
    assert [step.name for step in first.decision.steps][-2:] == ["outcome", "on sale"]
    assert shop.pricing.explain_variant("shirt-my-shop", limit=1) == [first]
    untouched = shop.add_variant("cup", cost=None)
    assert shop.pricing.explain_variant(untouched) == []


def test_a_variant_is_found_by_decision_sku_or_product(shop: Shop) -> None:
    decision = waiting(shop)
    shop.set_sku("shirt-my-shop", "TEE-1")
    expected = shop.pricing.explain_variant("shirt-my-shop")
    product = shop.variant("shirt-my-shop").product_id
    for ref in (decision, "TEE-1", product):
        assert shop.pricing.explain_variant(ref) == expected
        assert shop.pricing.explain_variant(ref, "my-shop") == expected
        assert shop.pricing.explain_variant(ref, "store-my-shop") == expected


def test_a_name_that_several_variants_have_is_refused_with_their_ids(shop: Shop) -> None:
    shop.add_store("other")
    for name in ("my-shop", "other"):
        waiting(shop, name=name)
        shop.set_sku(f"shirt-{name}", "TEE-1")
    with pytest.raises(Refused) as refusal:
        shop.pricing.explain_variant("TEE-1")
    assert str(refusal.value) == (
        "several variants are called 'TEE-1'; name one by its id:"
        " shirt-my-shop (M in my-shop), shirt-other (M in other)"
    )
    (newest, *_) = shop.pricing.explain_variant("TEE-1", "other")
    assert newest.store == "other"
    with pytest.raises(NotFound, match="there is no variant 'shirt-my-shop'"):
        shop.pricing.explain_variant("shirt-my-shop", "other")
