"""AliExpress's settings, codes and tokens, and what a broken connection does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import stamina

from zyenta_ops.adapters.suppliers.aliexpress import AliExpressConfig, AliExpressConnector
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.items import ItemFault
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginRevoked,
    Misconfigured,
    OutcomeUnknown,
    RequestInvalid,
    SupplierUnavailable,
)
from zyenta_ops.ports.gateway import Tokens
from zyenta_ops_tests.adapters.suppliers.aliexpress.service import (
    APP_KEY,
    APP_SECRET,
    PLACE,
    REFRESH,
    TOKEN,
    AliExpressRig,
    aliexpress_rig,
    platform_error,
    product,
)
from zyenta_ops_tests.adapters.suppliers.aliexpress.test_placing import LINE, ORDER
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import IMPATIENT, connections
from zyenta_ops_tests.adapters.web_server import Respond, reset, status, truncated

CREATE = "/auth/token/create"
RENEW = "/auth/token/refresh"
GIVEN = {"app_key": APP_KEY, "app_secret": APP_SECRET, "code": "0_abcDEF"}


@pytest.fixture
def rig() -> Iterator[AliExpressRig]:
    with stamina.set_testing(True, attempts=100, cap=True), aliexpress_rig() as rig:
        yield rig


def connector(rig: AliExpressRig) -> AliExpressConnector:
    return AliExpressConnector(rig.config, connections(rig.limiter, rig.clock))


class TestConfig:
    def test_nothing_has_to_be_set(self) -> None:
        config = AliExpressConfig.of({})
        assert config.base_url == "https://api-sg.aliexpress.com"
        assert not config.try_to_pay
        reading = config.reading({"app_key": APP_KEY})
        assert (reading.seconds, reading.burst, reading.per_day) == (0.2, 1, 5_000)
        assert APP_KEY not in reading.key
        both, orders = config.ordering(reading)
        assert both is reading
        assert (orders.key, orders.seconds, orders.per_day) == (f"{reading.key}:order", 1.0, None)

    def test_what_is_stored_is_read_again(self) -> None:
        config = AliExpressConfig.of({"sign_method": "md5", "requests_per_day": None})
        assert AliExpressConfig.of(config.model_dump(mode="json")) == config

    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            (
                {"secret": "hush"},
                "the AliExpress setting 'secret' is unknown; known are base_url, sign_method,"
                " language, requests_per_second, orders_per_second, requests_per_day, try_to_pay",
            ),
            (
                {"sign_method": "sha1"},
                "the AliExpress setting 'sign_method' is not usable: input should be 'sha256',"
                " 'md5' or 'hmac'",
            ),
            (
                {"language": "english"},
                "the AliExpress setting 'language' is not usable: string should match pattern"
                " '^[a-z]{2}_[A-Z]{2}$'",
            ),
            (
                {"requests_per_second": 0},
                "the AliExpress setting 'requests_per_second' is not usable: input should be"
                " greater than 0",
            ),
        ],
    )
    def test_a_wrong_setting_is_named(self, settings: dict[str, Any], sentence: str) -> None:
        with pytest.raises(Refused) as caught:
            AliExpressConfig.of(settings)
        assert str(caught.value) == sentence

    @pytest.mark.parametrize("per_second", [3, 7, 300])
    def test_the_rate_is_never_exceeded(self, per_second: int) -> None:
        config = AliExpressConfig.of({"requests_per_second": per_second})
        seconds = config.reading({"app_key": APP_KEY}).seconds
        assert round(seconds * 1_000_000) * per_second >= 1_000_000


class TestConnecting:
    def test_a_code_becomes_tokens_with_both_their_ends(self, rig: AliExpressRig) -> None:
        tokens = connector(rig).connect({**GIVEN, "code": " 0_abcDEF\n"})
        assert tokens.secrets == {
            "app_key": APP_KEY,
            "app_secret": APP_SECRET,
            "access_token": f"{TOKEN}-1",
            "refresh_token": REFRESH,
            "user_nick": "fox_shop",
        }
        assert tokens.access_expires_at == rig.clock.now + timedelta(days=1)
        assert tokens.refresh_expires_at == rig.clock.now + timedelta(days=2)
        (params,) = rig.service.said(CREATE)
        assert rig.web.asked[0].path == f"/rest{CREATE}"
        assert params.pop("sign")
        assert params == {
            "app_key": APP_KEY,
            "code": "0_abcDEF",
            "sign_method": "sha256",
            "timestamp": "1793620800000",
        }

    def test_the_older_envelope_and_times_in_milliseconds_are_understood(
        self, rig: AliExpressRig
    ) -> None:
        inside = {
            "access_token": "t",
            "refresh_token": "r",
            "expires_in": "86400",
            "expire_time": 1793620800000 + 3_600_000,
            "refresh_token_valid_time": "1793707200000",
            "code": "0",
        }
        rig.service.instead[CREATE] = {"/auth/token/create_response": inside}
        tokens = connector(rig).connect(GIVEN)
        assert tokens.access_expires_at == rig.clock.now + timedelta(hours=1)
        assert tokens.refresh_expires_at == rig.clock.now + timedelta(days=1)

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({**GIVEN, "code": ""}, "'code' is missing"),
            ({"app_key": APP_KEY}, "'app_secret' is missing"),
            ({**GIVEN, "x": "1"}, "'x' is not asked for; give app_key, app_secret, code"),
        ],
    )
    def test_what_is_missing_is_named_and_nothing_asked(
        self, rig: AliExpressRig, given: dict[str, str], sentence: str
    ) -> None:
        with pytest.raises(RequestInvalid) as caught:
            connector(rig).connect(given)
        assert str(caught.value) == sentence
        assert rig.requests() == 0

    def test_a_used_code_connects_nothing_and_is_tried_once(self, rig: AliExpressRig) -> None:
        with pytest.raises(LoginRevoked) as caught:
            connector(rig).connect({**GIVEN, "code": "used"})
        assert caught.value.code == "InvalidCode"
        assert rig.requests() == 1

    def test_a_wrong_secret_is_a_fault_of_ours(self, rig: AliExpressRig) -> None:
        with pytest.raises(Misconfigured) as caught:
            connector(rig).connect({**GIVEN, "app_secret": "wr0ng"})
        assert "wr0ng" not in str(caught.value)

    @pytest.mark.parametrize("answer", [{"code": "0"}, {"access_token": ["t"]}])
    def test_an_answer_without_a_token_connects_nothing(
        self, rig: AliExpressRig, answer: Any
    ) -> None:
        rig.service.instead[CREATE] = answer
        with pytest.raises(AnswerInvalid):
            connector(rig).connect(GIVEN)

    def test_the_guide_leads_to_the_code(self, rig: AliExpressRig) -> None:
        asks = connector(rig)
        assert asks.asks_for == ("app_key", "app_secret", "code")
        assert f"{rig.config.base_url}/oauth/authorize?response_type=code" in asks.guide


class TestRenewing:
    def test_a_new_token_serves_and_the_account_keeps_its_name(self, rig: AliExpressRig) -> None:
        assert rig.gateway.check() == "account-1"
        rig.gateway.refresh_credentials()
        assert rig.gateway.check() == "fox_shop"
        assert rig.login.tokens().refresh_expires_at == rig.clock.now + timedelta(days=2)
        (params,) = rig.service.said(RENEW)
        assert params["refresh_token"] == REFRESH

    def test_what_a_renewal_does_not_say_stays_in_force(self, rig: AliExpressRig) -> None:
        ends = rig.clock.now + timedelta(days=2)
        rig.login.renewed = Tokens(dict(rig.login.secrets), rig.clock.now, ends)
        rig.service.instead[RENEW] = {"access_token": "new", "expires_in": 60, "code": "0"}
        rig.gateway.refresh_credentials()
        tokens = rig.login.tokens()
        assert tokens.secrets["access_token"] == "new"
        assert tokens.secrets["refresh_token"] == REFRESH
        assert tokens.access_expires_at == rig.clock.now + timedelta(seconds=60)
        assert tokens.refresh_expires_at == ends

    @pytest.mark.parametrize(
        "code", ["IllegalRefreshToken", "IllegalAccessToken", "MissingParameter", "InvalidCode"]
    )
    def test_a_refused_renewal_needs_a_person(self, rig: AliExpressRig, code: str) -> None:
        rig.service.instead[RENEW] = platform_error(code)
        with pytest.raises(LoginRevoked):
            rig.gateway.refresh_credentials()

    def test_a_renewal_that_fails_for_now_revokes_nothing(self, rig: AliExpressRig) -> None:
        rig.service.instead[RENEW] = platform_error("ServiceTimeout", kind="SYSTEM")
        with pytest.raises(SupplierUnavailable):
            rig.gateway.refresh_credentials()


def test_md5_signs_calls_where_it_is_chosen() -> None:
    with aliexpress_rig({"sign_method": "md5"}) as rig:
        with pytest.raises(Misconfigured):  # the service checks sha256
            rig.gateway.check()
        (call,) = [params for method, params in rig.service.asked if method[0] != "/"]
        assert (call["sign_method"], len(call["sign"])) == ("md5", 32)
        rig.gateway.refresh_credentials()
        assert rig.service.said(RENEW)[0]["sign_method"] == "sha256"


def hang(request: Any) -> None:
    request.rfile.read(1)  # until the client gives up


BIG = status(200, b'{"result": "' + b"x" * 50 * 1024**2 + b'"}')


@pytest.mark.parametrize(
    "answer",
    [hang, reset, truncated(b'{"result": {}}'), BIG, status(502), status(403, b"<html>")],
    ids=["hangs", "resets", "is cut short", "is far too long", "is a 502", "is a web page"],
)
class TestBrokenAnswers:
    def broken(self, rig: AliExpressRig, method: str, answer: Respond) -> None:
        whole = rig.service

        def api(asked: Any) -> Respond:
            return answer if f"method={method}&" in asked.body.decode() + "&" else whole(asked)

        rig.web.api = api

    def test_a_product_stays_due(self, answer: Respond) -> None:
        with stamina.set_testing(True, attempts=2), aliexpress_rig(http=IMPATIENT) as rig:
            self.broken(rig, "aliexpress.ds.product.get", answer)
            (found,) = rig.gateway.fetch_items(["1"], Market("US", "USD"))
        assert isinstance(found, ItemFault)
        assert isinstance(found.error, SupplierUnavailable)

    def test_an_order_is_asked_for_once_and_its_outcome_unknown(self, answer: Respond) -> None:
        with stamina.set_testing(True, attempts=100), aliexpress_rig(http=IMPATIENT) as rig:
            rig.service.products[LINE.product_ref] = product()
            self.broken(rig, PLACE, answer)
            with pytest.raises(OutcomeUnknown):
                rig.gateway.place_order(ORDER)
            placing = [each for each in rig.web.asked if PLACE.encode() in each.body]
            assert len(placing) == 1
