"""CJ's settings, tokens and limits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from zyenta_ops.adapters.http.line import fingerprint
from zyenta_ops.adapters.suppliers.cj import CjConfig, CjConnector
from zyenta_ops.adapters.suppliers.cj.config import user_of
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginRevoked,
    Misconfigured,
    OrderRejected,
    RateLimited,
    RateScope,
    RequestInvalid,
)
from zyenta_ops_tests.adapters.suppliers.cj.service import (
    ACCESS,
    API_KEY,
    REFRESH,
    SECRETS,
    CjRig,
    answered,
    cj_rig,
    failure,
    success,
)
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import FreeLimiter, connections
from zyenta_ops_tests.adapters.web_server import in_turn
from zyenta_ops_tests.contracts.supplier_gateway import MARKET, item_of, order_request

USER = f"cj:user:{fingerprint('CJ1234567')}"


def connector(rig: CjRig, limiter: FreeLimiter | None = None) -> CjConnector:
    return CjConnector(rig.config, connections(limiter))


class TestConfig:
    def test_nothing_has_to_be_set(self) -> None:
        config = CjConfig.of({})
        assert config.base_url == "https://developers.cjdropshipping.com/api2.0/v1"
        assert (config.from_country, config.platform, config.sandbox) == (("CN",), "", False)

    def test_what_is_stored_is_read_again(self) -> None:
        config = CjConfig.of({"level": 3, "calls_per_day": None, "from_country": "US, CN"})
        assert config.from_country == ("US", "CN")
        assert CjConfig.of(config.model_dump(mode="json")) == config

    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            (
                {"shop": 1},
                "the CJ setting 'shop' is unknown; known are base_url, level, calls_per_day,"
                " from_country, platform, sandbox",
            ),
            (
                {"level": 6},
                "the CJ setting 'level' is not usable: input should be less than or equal to 5",
            ),
            (
                {"from_country": "China"},
                "the CJ setting 'from_country.0' is not usable: string should match pattern"
                " '^[A-Z]{2}$'",
            ),
            (
                {"from_country": []},
                "the CJ setting 'from_country' is not usable: tuple should have at least 1 item"
                " after validation, not 0",
            ),
        ],
    )
    def test_a_wrong_setting_is_named(self, settings: dict[str, Any], sentence: str) -> None:
        with pytest.raises(Refused) as caught:
            CjConfig.of(settings)
        assert str(caught.value) == sentence

    @pytest.mark.parametrize(
        ("level", "per_second"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 6), (5, 6)]
    )
    def test_the_level_decides_the_rate_and_it_is_never_exceeded(
        self, level: int, per_second: int
    ) -> None:
        account, network, interface = CjConfig.of({"level": level}).allowances("a", "product/query")
        assert (account.key, network.key) == ("cj:user:a", "cj:ip")
        assert interface.key == "cj:user:a:product/query"
        for each in (account, interface):
            assert 1_000_000 <= round(each.seconds * 1_000_000) * per_second < 1_000_010
            assert each.burst == 1
        assert (network.seconds, network.burst, network.per_day) == (0.1, 1, None)
        assert (account.per_day, interface.per_day) == (None, 1_000)

    def test_verified_accounts_have_no_quota(self) -> None:
        config = CjConfig.of({"calls_per_day": None})
        assert [each.per_day for each in config.allowances("a", "x")] == [None] * 3


class TestConnecting:
    def test_the_api_key_gets_tokens_and_can_renew_them_for_good(self, rig: CjRig) -> None:
        limiter = FreeLimiter()
        tokens = connector(rig, limiter).connect({"api_key": f" {API_KEY}\n"})
        assert tokens.secrets == SECRETS
        assert tokens.access_expires_at == datetime(2026, 11, 17, 12, tzinfo=UTC)
        assert tokens.refresh_expires_at is None
        (asked,) = rig.web.asked
        assert (asked.method, asked.path) == ("POST", "/authentication/getAccessToken")
        assert json.loads(asked.body) == {"apiKey": API_KEY}
        ((log_in, network),) = limiter.acquired
        assert log_in.startswith("cj:login:")
        assert network == "cj:ip"
        assert "k3y" not in log_in

    @pytest.mark.parametrize("code", [1600001, 1600004, 1600005, 1600006, 1600012])
    def test_a_key_that_cj_refuses_is_not_connected(self, rig: CjRig, code: int) -> None:
        rig.web.routes["/authentication/getAccessToken"] = answered(failure(code, API_KEY))
        with pytest.raises(LoginRevoked, match="does not accept the API key") as caught:
            connector(rig).connect({"api_key": API_KEY})
        assert caught.value.code == str(code)
        assert API_KEY not in str(caught.value)

    def test_an_address_that_may_not_be_reached_says_nothing_of_the_key(self, rig: CjRig) -> None:
        private = CjConfig.of({"base_url": "http://10.0.0.1/v1"})
        with pytest.raises(Misconfigured):
            CjConnector(private, connections()).connect({"api_key": API_KEY})

    def test_an_answer_without_a_token_connects_nothing(self, rig: CjRig) -> None:
        rig.web.routes["/authentication/getAccessToken"] = answered(success(None))
        with pytest.raises(AnswerInvalid):
            connector(rig).connect({"api_key": API_KEY})

    def test_what_cannot_be_a_key_is_not_tried(self, rig: CjRig) -> None:
        with pytest.raises(RequestInvalid, match="'api_key' is missing"):
            connector(rig).connect({})
        assert rig.web.asked == []

    def test_it_says_what_it_needs(self, rig: CjRig) -> None:
        assert connector(rig).asks_for == ("api_key",)
        assert "CJ dashboard" in connector(rig).guide

    def test_the_number_before_the_key_names_the_account(self, rig: CjRig) -> None:
        assert rig.gateway.check() == "CJ1234567"
        assert len(rig.asked("shopping/pay/getBalance")) == 1


class TestRenewing:
    @pytest.mark.parametrize("code", [1600001, 1600002, 1600030, 1600031])
    def test_a_refused_token_is_renewed_and_the_request_made_again(
        self, rig: CjRig, code: int
    ) -> None:
        ref = rig.product()
        product = answered(success(rig.service.products[ref]))
        rig.web.routes["/product/query"] = in_turn(answered(failure(code)), product)
        assert item_of(rig, ref).title == "Tea bowl"
        (renewal,) = rig.asked("authentication/refreshAccessToken")
        assert json.loads(renewal.body) == {"refreshToken": REFRESH}
        assert "cj-access-token" in renewal.headers
        assert renewal.headers["cj-access-token"] == ""
        assert rig.asked("authentication/getAccessToken") == []

    def test_an_ended_refresh_token_leaves_the_api_key(self, rig: CjRig) -> None:
        rig.service.token = "new-acc3ss"
        rig.service.refresh_token = "new-r3fresh"
        rig.gateway.check()
        assert rig.login.renewed is not None
        assert rig.login.renewed.secrets == {
            **SECRETS,
            "access_token": "new-acc3ss",
            "refresh_token": "new-r3fresh",
        }
        assert [keys[0].rpartition(":")[0] for keys in rig.limiter.acquired] == [
            "cj:user",
            "cj:refresh",
            "cj:login",
            "cj:user",
        ]

    def test_an_answer_that_leaves_the_refresh_token_out_keeps_the_old_one(
        self, rig: CjRig
    ) -> None:
        rig.web.routes["/authentication/refreshAccessToken"] = answered(
            success({"accessToken": "newer"})
        )
        rig.gateway.refresh_credentials()
        assert rig.login.renewed is not None
        assert rig.login.renewed.secrets == {**SECRETS, "access_token": "newer"}

    def test_an_account_connected_with_the_key_alone_gets_its_tokens(self, rig: CjRig) -> None:
        rig.login.secrets = {"api_key": API_KEY}
        assert rig.gateway.check() == "CJ1234567"
        assert rig.asked("authentication/refreshAccessToken") == []

    def test_neither_token_nor_key_ends_the_login(self, rig: CjRig) -> None:
        rig.web.routes["/authentication/refreshAccessToken"] = answered(failure(1600003))
        rig.web.routes["/authentication/getAccessToken"] = answered(failure(1600001))
        with pytest.raises(LoginRevoked):
            rig.gateway.refresh_credentials()

    def test_a_write_is_made_once_after_its_token_was_renewed(self, rig: CjRig) -> None:
        request = order_request(rig)
        rig.service.token = "new-acc3ss"
        rig.gateway.place_order(request)
        assert rig.orders() == 1


class TestLimits:
    def test_every_key_of_a_user_counts_as_that_user_and_says_nothing_of_itself(self) -> None:
        other = {"api_key": "CJ1234567@api@an0ther-s3cret", "access_token": "x"}
        assert user_of(SECRETS) == user_of(other) != user_of({"api_key": "CJ7654321@api@k3y"})
        assert user_of({"api_key": "k3y-s3cret"}) == fingerprint("k3y-s3cret")

    def test_requests_count_against_account_network_and_interface(self, rig: CjRig) -> None:
        item_of(rig, rig.product())
        assert rig.limiter.acquired == [(USER, "cj:ip", f"{USER}:product/query")]
        assert rig.limiter.urgent == []
        user = user_of(SECRETS)
        assert rig.gateway.reading == rig.config.allowances(user, "product/query")[-1]

    def test_orders_go_before_reads(self, rig: CjRig) -> None:
        request = order_request(rig)
        rig.limiter.acquired.clear()
        rig.limiter.urgent.clear()
        rig.gateway.place_order(request)
        assert [keys[2].rpartition("/")[2] for keys in rig.limiter.urgent] == [
            "getOrderDetail",
            "createOrderV2",
            "confirmOrder",
        ]
        assert rig.limiter.urgent == rig.limiter.acquired

    def test_too_many_a_second_stops_the_account_for_a_moment(self, rig: CjRig) -> None:
        ref = rig.product()
        good = answered(success(rig.service.products[ref]))
        rig.web.routes["/product/query"] = in_turn(answered(failure(1600200)), good)
        assert item_of(rig, ref).title
        assert rig.limiter.penalties == [(USER, 5.0)]

    def test_a_used_up_day_stops_one_interface_and_ends_the_reading(self, rig: CjRig) -> None:
        request = order_request(rig)
        refs = [rig.product() for _ in range(3)]
        rig.web.routes["/product/query"] = answered(failure(1600201))
        with pytest.raises(RateLimited) as caught:
            list(rig.gateway.fetch_items(refs, MARKET))
        assert caught.value.scope is RateScope.DAY
        assert {key for key, _ in rig.limiter.penalties} == {f"{USER}:product/query"}
        rig.gateway.place_order(request)
        assert rig.orders() == 1

    def test_a_busy_cj_is_asked_three_times_at_most(self, rig: CjRig) -> None:
        rig.web.routes["/product/query"] = answered(failure(1600000))
        (answer,) = rig.gateway.fetch_items([rig.product()], MARKET)
        assert "CJ is busy (code 1600000)" in str(getattr(answer, "error", ""))
        assert len(rig.asked("product/query")) == 3


def test_a_token_never_shows_in_what_an_order_is_refused_for(rig: CjRig) -> None:
    request = order_request(rig)
    rig.web.routes["POST /shopping/order/createOrderV2"] = answered(
        failure(1603000, f"{ACCESS} {request.address.name}")
    )
    with pytest.raises(OrderRejected) as caught:
        rig.gateway.place_order(request)
    assert str(caught.value) == "CJ could not create the order (code 1603000)"
    assert caught.value.request_id == "r-2"


def test_a_sandbox_order_is_paid_for_with_nothing() -> None:
    with cj_rig(settings={"sandbox": True}) as rig:
        external_id = rig.gateway.place_order(order_request(rig)).external_ids[0]
        assert rig.service.orders[external_id]["isSandbox"] == 1
        total = rig.gateway.get_order(external_id).total
        assert total is not None
        rig.service.balance = "0"
        rig.gateway.pay_order(external_id, total)
        assert (rig.service.simulated, rig.service.paid) == ([external_id], [])
