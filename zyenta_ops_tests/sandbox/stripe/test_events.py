"""Events: polled page by page, newest first."""

from __future__ import annotations

from typing import Any

import stripe

from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.receiver import receiving
from zyenta_ops_tests.sandbox.stripe.conftest import refused
from zyenta_ops_tests.sandbox.stripe.test_payment_intents import paid


def ids(events: Any) -> list[str]:
    return [event.id for event in events.data]


def test_a_tail_of_events_is_read_oldest_first_without_a_gap(
    api: stripe.StripeClient,
) -> None:
    for _ in range(4):
        paid(api)
    everything = ids(api.v1.events.list({"limit": 100}))
    assert len(everything) == 12

    tail = api.v1.events.list({"limit": 5, "ending_before": everything[-1]})
    assert ids(tail) == everything[6:11]
    assert tail.has_more is True
    assert [event.id for event in tail.auto_paging_iter()] == everything[-2::-1]


def test_pages_are_counted_from_a_cursor(api: stripe.StripeClient) -> None:
    for _ in range(4):
        paid(api)
    everything = ids(api.v1.events.list({"limit": 100}))

    first = api.v1.events.list()
    assert (ids(first), first.has_more) == (everything[:10], True)
    assert first.url == "/v1/events"
    rest = api.v1.events.list({"starting_after": everything[9]})
    assert (ids(rest), rest.has_more) == (everything[10:], False)
    assert [event.id for event in first.auto_paging_iter()] == everything


def test_events_are_filtered_by_type_and_time(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    first = paid(api)
    world.advance(minutes=10)
    second = paid(api)
    listed = api.v1.events.list

    def about(**by: Any) -> list[str]:
        return [event.type for event in listed(by).data]  # type: ignore[arg-type]

    assert about(type="charge.succeeded") == ["charge.succeeded"] * 2
    assert about(type="charge.*", created={"gt": first.created}) == ["charge.succeeded"]
    assert about(types=["payment_intent.created", "refund.*"]) == ["payment_intent.created"] * 2
    assert len(about(created={"gte": first.created, "lt": second.created})) == 3
    assert about(created={"gt": second.created}) == []
    # A cursor may be an event that the filter leaves out.
    newest = listed({"limit": 1}).data[0]
    assert len(about(type="charge.succeeded", starting_after=newest.id)) == 2


def test_an_event_shows_the_object_as_it_was_and_what_has_changed(
    api: stripe.StripeClient,
) -> None:
    intent = paid(api)
    api.v1.refunds.create({"payment_intent": intent.id, "amount": 200})
    api.v1.refunds.create({"payment_intent": intent.id, "amount": 300})

    last, first = api.v1.events.list({"type": "charge.refunded"}).data

    assert (first.data.object["amount_refunded"], last.data.object["amount_refunded"]) == (200, 500)
    assert first.data.previous_attributes is not None
    assert first.data.previous_attributes.to_dict() == {"amount_refunded": 0}
    assert last.data.previous_attributes is not None
    assert last.data.previous_attributes.to_dict() == {"amount_refunded": 200}
    assert (first.api_version, first.livemode) == (stripe.api_version, False)
    assert first.request is not None
    assert str(first.request.id).startswith("req_")
    assert first.request.idempotency_key is not None
    assert api.v1.events.retrieve(first.id).to_dict() == first.to_dict()


def test_events_are_kept_for_thirty_days(api: stripe.StripeClient, world: SandboxWorld) -> None:
    paid(api)
    oldest = ids(api.v1.events.list())[-1]

    world.advance(days=30)
    assert len(ids(api.v1.events.list())) == 3
    world.advance(seconds=1)

    assert ids(api.v1.events.list()) == []
    assert refused(lambda: api.v1.events.retrieve(oldest)).http_status == 404
    error: Any = refused(lambda: api.v1.events.list({"ending_before": oldest}))
    assert (error.http_status, error.param) == (400, "ending_before")
    assert error.user_message == f"No such event: '{oldest}'"


def test_events_that_did_not_reach_every_endpoint_can_be_asked_for(
    api: stripe.StripeClient, world: SandboxWorld
) -> None:
    with receiving() as deaf, receiving() as good:
        deaf.status = 500
        world.payers.listen(deaf.url, ["charge.*"])
        world.payers.listen(good.url)
        paid(api)

        # Nothing has been sent yet.
        assert len(ids(api.v1.events.list({"delivery_success": False}))) == 3
        world.settle()

        (failed,) = api.v1.events.list({"delivery_success": False}).data
        assert (failed.type, failed.pending_webhooks) == ("charge.succeeded", 1)
        assert len(ids(api.v1.events.list({"delivery_success": True}))) == 2
        deaf.status = 204
        world.advance(hours=1)

    assert ids(api.v1.events.list({"delivery_success": False})) == []


def test_what_cannot_be_asked_is_refused(api: stripe.StripeClient) -> None:
    listed: Any = api.v1.events.list

    assert "between 1 and 100" in str(refused(lambda: listed({"limit": 101})).user_message)
    assert "between 1 and 100" in str(refused(lambda: listed({"limit": 0})).user_message)
    many = refused(lambda: listed({"types": ["a"] * 21})).user_message
    assert many == "You may only specify up to 20 types."
    assert "type, types" in str(refused(lambda: listed({"type": "a", "types": ["b"]})).user_message)
    unknown = refused(lambda: listed({"created": {"after": 1}})).user_message
    assert unknown == "Received unknown parameter: created[after]"
