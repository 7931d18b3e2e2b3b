"""Printful's settings, tokens and webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stamina

from zyenta_ops.adapters.http.line import fingerprint
from zyenta_ops.adapters.suppliers.printful import PrintfulConfig, PrintfulConnector
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.supplier_errors import LoginRevoked, Misconfigured, RequestInvalid
from zyenta_ops.domain.supplier_orders import Ability, Hint, HintKind
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import connections
from zyenta_ops_tests.adapters.suppliers.printful.service import (
    TOKEN,
    WEBHOOK_SECRET,
    PrintfulRig,
    printful_rig,
)


@pytest.fixture
def rig() -> Iterator[PrintfulRig]:
    with stamina.set_testing(True, attempts=100, cap=True), printful_rig() as rig:
        yield rig


def connector(rig: PrintfulRig) -> PrintfulConnector:
    return PrintfulConnector(rig.config, connections())


class TestConfig:
    def test_nothing_has_to_be_set(self) -> None:
        config = PrintfulConfig.of({})
        assert config.base_url == "https://api.printful.com"
        allowance = config.allowance({"token": "a"})
        assert (allowance.key, allowance.seconds) == (f"printful:token:{fingerprint('a')}", 0.5)
        assert (allowance.burst, allowance.per_day) == (1, None)

    def test_what_is_stored_is_read_again(self) -> None:
        config = PrintfulConfig.of({"store_id": 10, "webhook_header": "X-Edge"})
        assert PrintfulConfig.of(config.model_dump(mode="json")) == config

    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            (
                {"shop": 1},
                "the Printful setting 'shop' is unknown; known are base_url, store_id,"
                " requests_per_minute, webhook_header",
            ),
            (
                {"base_url": "api.printful.com"},
                "the Printful setting 'base_url' is not usable: must be an address such as"
                " https://api.example.com",
            ),
            (
                {"base_url": "https://me:pass@api.printful.com"},
                "the Printful setting 'base_url' is not usable: must hold no user name, password,"
                " query or fragment",
            ),
            (
                {"webhook_header": "X: y"},
                "the Printful setting 'webhook_header' is not usable: must be the name of an HTTP"
                " header",
            ),
            (
                {"requests_per_minute": 0},
                "the Printful setting 'requests_per_minute' is not usable: input should be greater"
                " than 0",
            ),
        ],
    )
    def test_a_wrong_setting_is_named(self, settings: dict[str, Any], sentence: str) -> None:
        with pytest.raises(Refused) as caught:
            PrintfulConfig.of(settings)
        assert str(caught.value) == sentence

    @pytest.mark.parametrize("per_minute", [7, 11, 113, 120, 130])
    def test_the_rate_is_never_exceeded(self, per_minute: int) -> None:
        config = PrintfulConfig.of({"requests_per_minute": per_minute})
        seconds = config.allowance({"token": "a"}).seconds
        assert round(seconds * 1_000_000) * per_minute >= 60_000_000


class TestAccount:
    def test_the_store_gives_the_name(self, rig: PrintfulRig) -> None:
        assert rig.gateway.check() == "Fox & Friends"

    def test_several_stores_need_one_to_be_chosen(self, rig: PrintfulRig) -> None:
        rig.service.stores.append({"id": 11, "name": "Owl"})
        with pytest.raises(Misconfigured, match="set the store_id"):
            rig.gateway.check()
        with printful_rig(settings={"store_id": 11}) as chosen:
            chosen.service.stores = rig.service.stores
            assert chosen.gateway.check() == "Owl"
            assert chosen.web.asked[0].headers["x-pf-store-id"] == "11"

    def test_a_store_that_the_token_does_not_serve_is_a_fault_of_ours(self) -> None:
        with printful_rig(settings={"store_id": 12}) as rig, pytest.raises(Misconfigured):
            rig.gateway.check()

    def test_a_token_is_tried_when_it_is_connected(self, rig: PrintfulRig) -> None:
        tokens = connector(rig).connect({"token": f" {TOKEN}\n", "webhook_secret": "w"})
        assert tokens.secrets == {"token": TOKEN, "webhook_secret": "w"}
        assert (tokens.access_expires_at, tokens.refresh_expires_at) == (None, None)
        assert [each.path for each in rig.web.asked] == ["/stores"]

    def test_a_wrong_token_is_not_connected(self, rig: PrintfulRig) -> None:
        with pytest.raises(LoginRevoked) as caught:
            connector(rig).connect({"token": "wrong-s3cret"})
        assert "wrong-s3cret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({}, "'token' is missing"),
            ({"token": "  "}, "'token' is missing"),
            ({"token": "a", "key": "b"}, "'key' is not asked for; give token"),
            ({"token": "a b"}, "'token' holds characters that no token has; copy it again"),
            ({"token": "añb"}, "'token' holds characters that no token has; copy it again"),
        ],
    )
    def test_what_cannot_be_a_token_is_not_tried(
        self, rig: PrintfulRig, given: dict[str, str], sentence: str
    ) -> None:
        with pytest.raises(RequestInvalid) as caught:
            connector(rig).connect(given)
        assert str(caught.value) == sentence
        assert rig.web.asked == []

    def test_it_says_what_it_needs(self, rig: PrintfulRig) -> None:
        assert connector(rig).asks_for == ("token",)
        assert "Printful dashboard" in connector(rig).guide


class TestWebhooks:
    def test_without_a_header_nothing_is_believed(self) -> None:
        with printful_rig(settings={}) as rig:
            assert not rig.gateway.capabilities.can(Ability.WEBHOOKS)
            assert not rig.gateway.verify_webhook({"": WEBHOOK_SECRET}, b"{}")
            assert not rig.gateway.verify_webhook({"X-Edge-Secret": WEBHOOK_SECRET}, b"{}")

    def test_an_account_without_a_secret_believes_nothing(self, rig: PrintfulRig) -> None:
        rig.login.secrets.pop("webhook_secret")
        for headers in ({}, {"X-Edge-Secret": ""}, {"X-Edge-Secret": WEBHOOK_SECRET}):
            assert not rig.gateway.verify_webhook(headers, b"{}")

    @pytest.mark.parametrize(
        ("event", "hint"),
        [
            ({"type": "package_shipped", "data": {"order": {"id": 9}}}, (HintKind.PARCEL, ("9",))),
            ({"type": "order_failed", "data": {"order": {"id": 9}}}, (HintKind.ORDER, ("9",))),
            (
                {"type": "product_updated", "data": {"sync_product": {"id": 300}}},
                (HintKind.PRODUCT, ("300",)),
            ),
            ({"type": "stock_updated", "data": {"product_id": 71}}, (HintKind.STOCK, ())),
            ({"type": "brand_new", "data": {"order": {"id": 9}}}, (HintKind.OTHER, ())),
            ({"type": "order_failed", "data": None}, (HintKind.ORDER, ())),
        ],
    )
    def test_an_event_says_what_to_read_again(
        self, rig: PrintfulRig, event: dict[str, Any], hint: tuple[HintKind, tuple[str, ...]]
    ) -> None:
        (found,) = rig.gateway.parse_webhook(json.dumps(event).encode())
        assert (found.kind, found.refs) == hint

    def test_an_event_that_is_sent_again_has_the_same_id(self, rig: PrintfulRig) -> None:
        def sent(**changes: Any) -> tuple[Hint, ...]:
            event = {"type": "order_failed", "created": 1, "data": {"order": {"id": 9}}, **changes}
            return rig.gateway.parse_webhook(json.dumps(event).encode())

        assert sent(retries=0) == sent(retries=3)
        assert sent(created=2)[0].event_id != sent(created=1)[0].event_id
