"""How suppliers are called, over a real web server: what is repeated, and what never is."""

from __future__ import annotations

import gzip
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

import httpx
import pytest
import stamina

from zyenta_ops.adapters.http import HttpPolicy, build_client
from zyenta_ops.adapters.suppliers.calls import Answer, Ask, CallPolicy, Calls
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginExpired,
    LoginRevoked,
    Misconfigured,
    OrderRejected,
    OutcomeUnknown,
    RateLimited,
    RateScope,
    RejectionReason,
    SupplierError,
    SupplierUnavailable,
    UnknownReference,
)
from zyenta_ops.ports.gateway import Allowance, Secrets, Tokens
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import (
    IMPATIENT,
    LOCAL,
    QUICK,
    FakeLogin,
    FreeLimiter,
)
from zyenta_ops_tests.adapters.web_server import (
    Respond,
    WebServer,
    hang_up,
    in_turn,
    reset,
    status,
    truncated,
    web_server,
)

TOKEN = "tok-5ecret-4711"
RENEWED = "tok-5ecret-0815"
GOOD = status(200, b'{"price": 12.30}')
EXPIRED = status(401, b"{}")
WITH_429 = status(429)


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """As many attempts as the policy says, and no pause between them."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


def unpack(answer: Answer) -> Any:
    if answer.status == 401:
        raise LoginExpired("the token is no longer accepted", code="401")
    if answer.status == 404:
        raise UnknownReference("no such thing")
    return answer.document()


def renew_once(secrets: Secrets) -> Tokens:
    return Tokens({**secrets, "token": RENEWED})


@dataclass
class Bench:
    """Calls to one path of one server, with everything around them in reach."""

    web: WebServer
    http: HttpPolicy = LOCAL
    policy: CallPolicy = QUICK
    understand: Callable[[Answer], Any] = unpack
    ask_tokens: Callable[[Secrets], Tokens] = renew_once
    url: str = ""
    allowances: tuple[Allowance, ...] = (Allowance("shop:app:1", 0.5), Allowance("shop:ip", 0.1))
    login: FakeLogin = field(default_factory=lambda: FakeLogin({"token": TOKEN}))
    limiter: FreeLimiter = field(default_factory=FreeLimiter)
    used: list[str] = field(default_factory=list)  # the token that each attempt was signed with

    def ask(self, method: str = "GET", urgent: bool = False) -> Ask[Any]:
        def prepare(secrets: Secrets) -> httpx.Request:
            self.used.append(secrets["token"])
            return httpx.Request(
                method,
                self.url or self.web.url("/thing"),
                headers={"authorization": f"Bearer {secrets['token']}"},
                json=None if method == "GET" else {"name": "Erika Mustermann"},
            )

        return Ask(prepare, self.understand, self.allowances, urgent=urgent)

    def calls(self) -> Calls:
        return Calls(
            lambda: build_client(self.http), self.limiter, self.login, self.ask_tokens, self.policy
        )

    def read(self) -> Any:
        return self._done(lambda calls: calls.read(self.ask()))

    def write(self) -> Any:
        return self._done(lambda calls: calls.write(self.ask("POST", urgent=True)))

    def read_failing(self, kind: type[SupplierError]) -> SupplierError:
        return self._failing(self.read, kind)

    def write_failing(self, kind: type[SupplierError]) -> SupplierError:
        return self._failing(self.write, kind)

    def _failing(self, act: Callable[[], Any], kind: type[SupplierError]) -> SupplierError:
        with pytest.raises(SupplierError) as caught:
            act()
        assert isinstance(caught.value, kind), repr(caught.value)
        return caught.value

    def _done(self, act: Callable[[Calls], Any]) -> Any:
        calls = self.calls()
        try:
            return act(calls)
        finally:
            calls.close()


def hanging(until: Event) -> Respond:
    def respond(request: BaseHTTPRequestHandler) -> None:
        until.wait(30)
        request.close_connection = True

    return respond


HTML = status(200, b"<html>under maintenance</html>", Content_Type="text/html")
BROKEN_GZIP = status(200, b"\x1f\x8bnot gzip at all", Content_Encoding="gzip")
ENDLESS = status(200, b'"' + b"x" * 50 * 1024**2 + b'"')
BOMB = status(200, gzip.compress(b'"' + b"x" * 50 * 1024**2 + b'"'), Content_Encoding="gzip")
NO_NUMBER = status(200, b'{"price": NaN}')
LATE_FAULTS: dict[str, tuple[Respond, type[SupplierError]]] = {
    "503": (status(503), SupplierUnavailable),
    "hang up": (hang_up, SupplierUnavailable),
    "reset": (reset, SupplierUnavailable),
    "truncated": (truncated(b'{"price": 1'), SupplierUnavailable),
    "html": (HTML, AnswerInvalid),
    "broken gzip": (BROKEN_GZIP, AnswerInvalid),
    "50 MB": (ENDLESS, AnswerInvalid),
    "50 MB packed": (BOMB, AnswerInvalid),
    "NaN": (NO_NUMBER, AnswerInvalid),
    "nothing": (status(200), AnswerInvalid),
}
late_faults = pytest.mark.parametrize(
    ("fault", "kind"), LATE_FAULTS.values(), ids=LATE_FAULTS.keys()
)


class TestReads:
    def test_numbers_with_a_point_come_as_decimals(self, web: WebServer) -> None:
        web.routes["/thing"] = GOOD
        answer = Bench(web).read()
        assert answer == {"price": Decimal("12.30")}
        assert str(answer["price"]) == "12.30"

    @late_faults
    def test_what_may_pass_is_asked_again(
        self, web: WebServer, fault: Respond, kind: type[SupplierError]
    ) -> None:
        web.routes["/thing"] = in_turn(fault, GOOD)
        assert Bench(web).read() == {"price": Decimal("12.30")}
        assert len(web.asked) == 2

    def test_trying_again_prints_nothing_amid_results(
        self, web: WebServer, capfd: pytest.CaptureFixture[str]
    ) -> None:
        web.routes["/thing"] = in_turn(status(503), GOOD)
        Bench(web).read()
        assert capfd.readouterr() == ("", "")

    @late_faults
    def test_what_does_not_pass_is_given_up_after_the_attempts(
        self, web: WebServer, fault: Respond, kind: type[SupplierError]
    ) -> None:
        web.routes["/thing"] = fault
        error = Bench(web).read_failing(kind)
        assert type(error) is kind
        assert len(web.asked) == 3

    def test_a_server_that_hangs_is_left_after_the_read_time_out(self, web: WebServer) -> None:
        until = Event()
        web.routes["/thing"] = in_turn(hanging(until), GOOD)
        assert Bench(web, IMPATIENT).read() == {"price": Decimal("12.30")}
        until.set()

    def test_a_body_that_trickles_on_is_not_waited_for(self, web: WebServer) -> None:
        web.routes["/thing"] = GOOD
        bench = Bench(web, policy=replace(QUICK, answer_seconds=-1))
        assert str(bench.read_failing(SupplierUnavailable)) == (
            "the supplier's answer does not come to an end"
        )

    def test_a_refusal_is_not_asked_about_again(self, web: WebServer) -> None:
        web.routes["/thing"] = status(404)
        Bench(web).read_failing(UnknownReference)
        assert len(web.asked) == 1

    @pytest.mark.parametrize(
        "raises",
        [KeyError(TOKEN), TypeError(TOKEN), ValueError(TOKEN), Refused(TOKEN), IndexError(TOKEN)],
        ids=lambda error: type(error).__name__,
    )
    def test_an_answer_built_unlike_any_known_one_is_no_answer(
        self, web: WebServer, raises: Exception
    ) -> None:
        def stumble(answer: Answer) -> Any:
            raise raises

        web.routes["/thing"] = GOOD
        error = Bench(web, understand=stumble).read_failing(AnswerInvalid)
        assert str(error) == (
            f"the supplier's answer is not built as expected ({type(raises).__name__})"
        )
        assert TOKEN not in "".join(traceback.format_exception(error))

    def test_a_forbidden_address_is_a_fault_of_ours(self, web: WebServer) -> None:
        web.routes["/thing"] = GOOD
        error = Bench(web, HttpPolicy()).read_failing(Misconfigured)
        assert str(error) == (
            "127.0.0.1 is not on the public internet; check the supplier's base address"
        )
        assert web.asked == []


class TestWrites:
    def test_it_is_sent_once_when_all_is_well(self, web: WebServer) -> None:
        web.routes["POST /thing"] = GOOD
        bench = Bench(web)
        assert bench.write() == {"price": Decimal("12.30")}
        assert len(web.asked) == 1
        assert bench.limiter.urgent == [("shop:app:1", "shop:ip")]

    @late_faults
    def test_nobody_knows_what_became_of_it_after_it_was_sent(
        self, web: WebServer, fault: Respond, kind: type[SupplierError]
    ) -> None:
        web.routes["POST /thing"] = in_turn(fault, GOOD)
        error = Bench(web).write_failing(OutcomeUnknown)
        assert str(error).startswith("it is not known whether the supplier did what was asked: ")
        assert len(web.asked) == 1

    def test_nobody_knows_either_when_the_server_hangs(self, web: WebServer) -> None:
        until = Event()
        web.routes["POST /thing"] = in_turn(hanging(until), GOOD)
        Bench(web, IMPATIENT).write_failing(OutcomeUnknown)
        assert len(web.asked) == 1
        until.set()

    def test_an_answer_that_is_not_understood_leaves_the_outcome_open(self, web: WebServer) -> None:
        web.routes["POST /thing"] = GOOD
        bench = Bench(web, understand=lambda answer: answer.document()["order"])
        bench.write_failing(OutcomeUnknown)
        assert len(web.asked) == 1

    def test_it_is_sent_again_when_there_was_no_connection(self, web: WebServer) -> None:
        with web_server() as gone:
            nowhere = gone.url("/thing")
        bench = Bench(web, url=nowhere)
        error = bench.write_failing(SupplierUnavailable)
        assert str(error) == "the supplier cannot be reached (ConnectError)"
        assert len(bench.used) == 3

    def test_it_is_sent_again_when_it_was_asked_too_often(self, web: WebServer) -> None:
        web.routes["POST /thing"] = in_turn(WITH_429, GOOD)
        assert Bench(web).write() == {"price": Decimal("12.30")}
        assert len(web.asked) == 2

    def test_a_refusal_says_that_nothing_was_done(self, web: WebServer) -> None:
        def refuse(answer: Answer) -> Any:
            raise OrderRejected("no stock", reason=RejectionReason.OUT_OF_STOCK)

        web.routes["POST /thing"] = GOOD
        Bench(web, understand=refuse).write_failing(OrderRejected)
        assert len(web.asked) == 1


class TestRates:
    def test_each_attempt_takes_a_slot_of_every_allowance(self, web: WebServer) -> None:
        web.routes["/thing"] = in_turn(status(500), status(500), GOOD)
        bench = Bench(web)
        bench.read()
        assert bench.limiter.acquired == [("shop:app:1", "shop:ip")] * 3
        assert bench.limiter.urgent == []

    def test_nothing_is_sent_that_the_limiter_does_not_allow(self, web: WebServer) -> None:
        web.routes["/thing"] = GOOD
        bench = Bench(web)
        bench.limiter.refuses = RateLimited("used up", scope=RateScope.DAY)
        assert bench.read_failing(RateLimited) is bench.limiter.refuses
        assert bench.write_failing(RateLimited) is bench.limiter.refuses
        assert (web.asked, bench.used, bench.limiter.penalties) == ([], [], [])

    @pytest.mark.parametrize(
        ("wish", "penalty"),
        [("3", 3.0), ("0", 0.0), ("Tue, 24 Nov 2026 09:00:00 GMT", 5.0), ("-1", 5.0), ("", 5.0)],
    )
    def test_everybody_leaves_the_supplier_alone_for_as_long_as_it_says(
        self, web: WebServer, wish: str, penalty: float
    ) -> None:
        web.routes["/thing"] = in_turn(status(429, Retry_After=wish), GOOD)
        bench = Bench(web)
        assert bench.read() == {"price": Decimal("12.30")}
        assert bench.limiter.penalties == [("shop:app:1", penalty)]

    def test_a_wait_beyond_patience_is_left_to_the_next_tick(self, web: WebServer) -> None:
        web.routes["/thing"] = status(429, Retry_After="31")
        bench = Bench(web)
        error = bench.read_failing(RateLimited)
        assert isinstance(error, RateLimited)
        assert (error.retry_after, error.scope) == (31.0, RateScope.RATE)
        assert len(web.asked) == 1
        assert bench.limiter.penalties == [("shop:app:1", 31.0)]

    @pytest.mark.parametrize(("wish", "penalty"), [("3600", 3_600.0), ("999999", 3_600.0)])
    def test_no_answer_can_ask_for_more_than_an_hour(
        self, web: WebServer, wish: str, penalty: float
    ) -> None:
        web.routes["/thing"] = status(429, Retry_After=wish)
        bench = Bench(web)
        bench.read_failing(RateLimited)
        assert bench.limiter.penalties == [("shop:app:1", penalty)]

    def test_patience_is_for_the_whole_call(self, web: WebServer) -> None:
        web.routes["/thing"] = status(429, Retry_After="3")
        Bench(web, policy=replace(QUICK, patience_seconds=2)).read_failing(RateLimited)
        assert len(web.asked) == 1

    def test_a_day_that_is_used_up_is_not_waited_for(self, web: WebServer) -> None:
        def used_up(answer: Answer) -> Any:
            raise RateLimited("quota used up", scope=RateScope.DAY)

        web.routes["/thing"] = GOOD
        bench = Bench(web, understand=used_up)
        bench.read_failing(RateLimited)
        assert len(web.asked) == 1
        assert bench.limiter.penalties == [("shop:app:1", 3_600.0)]

    @pytest.mark.parametrize(
        ("scope", "waits"), [(RateScope.DAY, [3_600.0]), (RateScope.RATE, [7.0] * 3)]
    )
    def test_the_body_of_a_429_may_say_which_limit(
        self, web: WebServer, scope: RateScope, waits: list[float]
    ) -> None:
        def explain(answer: Answer) -> Any:
            raise RateLimited(answer.document()["why"], scope=scope, code="17")

        wish = {} if scope is RateScope.DAY else {"Retry_After": "7"}
        web.routes["/thing"] = status(429, b'{"why": "that was all for today"}', **wish)
        bench = Bench(web, understand=explain)
        error = bench.read_failing(RateLimited)
        assert isinstance(error, RateLimited)
        assert (str(error), error.scope, error.code) == ("that was all for today", scope, "17")
        assert [wait for _, wait in bench.limiter.penalties] == waits

    @pytest.mark.parametrize("body", [b"<html>", b"{}", b"", b"null"])
    def test_a_429_is_a_limit_whatever_its_body_is(self, web: WebServer, body: bytes) -> None:
        def stumble(answer: Answer) -> Any:
            if answer.status == 200:
                return answer.document()
            raise UnknownReference(answer.document()["why"])

        web.routes["/thing"] = in_turn(status(429, body), GOOD)
        bench = Bench(web, understand=stumble)
        assert bench.write() == {"price": Decimal("12.30")}
        assert len(web.asked) == 2

    @pytest.mark.parametrize(
        ("scope", "penalised"), [(RateScope.DAY, "shop:orders"), (RateScope.RATE, "shop:app:1")]
    )
    def test_a_day_that_is_used_up_stops_only_what_it_is_for(
        self, web: WebServer, scope: RateScope, penalised: str
    ) -> None:
        def used_up(answer: Answer) -> Any:
            raise RateLimited("enough", scope=scope, retry_after=60)

        web.routes["/thing"] = GOOD
        quota = Allowance("shop:orders", 0.5, per_day=1_000)
        bench = Bench(web, understand=used_up, allowances=(*Bench.allowances, quota))
        bench.read_failing(RateLimited)
        assert bench.limiter.penalties == [(penalised, 60)]


class TestLogins:
    def test_an_expired_token_is_renewed_once_and_used_at_once(self, web: WebServer) -> None:
        web.routes["POST /thing"] = in_turn(EXPIRED, GOOD)
        bench = Bench(web)
        assert bench.write() == {"price": Decimal("12.30")}
        assert bench.used == [TOKEN, RENEWED]
        assert bench.login.renewals == 1
        assert [each.headers["authorization"] for each in web.asked] == [
            f"Bearer {TOKEN}",
            f"Bearer {RENEWED}",
        ]

    def test_a_renewed_token_that_is_refused_too_ends_the_login(self, web: WebServer) -> None:
        web.routes["/thing"] = EXPIRED
        bench = Bench(web)
        error = bench.read_failing(LoginRevoked)
        assert (error.code, bench.login.renewals, len(web.asked)) == ("401", 1, 2)

    def test_tokens_that_somebody_else_renewed_are_used_without_asking(
        self, web: WebServer
    ) -> None:
        bench = Bench(web)

        def renew_meanwhile(request: BaseHTTPRequestHandler) -> None:
            bench.login.renewed = Tokens({"token": RENEWED})
            EXPIRED(request)

        web.routes["/thing"] = in_turn(renew_meanwhile, GOOD)
        bench.read()
        assert (bench.used, bench.login.renewals) == ([TOKEN, RENEWED], 0)

    def test_a_login_that_cannot_be_renewed_ends_the_call(self, web: WebServer) -> None:
        def refuse(secrets: Secrets) -> Tokens:
            raise LoginRevoked("connect the account again")

        web.routes["/thing"] = EXPIRED
        bench = Bench(web, ask_tokens=refuse)
        bench.read_failing(LoginRevoked)
        assert len(web.asked) == 1

    def test_each_attempt_is_signed_anew_with_the_tokens_in_force(self, web: WebServer) -> None:
        bench = Bench(web)

        def renew_meanwhile(request: BaseHTTPRequestHandler) -> None:
            bench.login.renewed = Tokens({"token": RENEWED})
            status(503)(request)

        web.routes["/thing"] = in_turn(renew_meanwhile, GOOD)
        bench.read()
        assert bench.used == [TOKEN, RENEWED]

    def test_reads_in_a_row_look_the_tokens_up_once(self, web: WebServer) -> None:
        web.routes["/thing"] = GOOD
        bench = Bench(web)
        calls = bench.calls()
        for _ in range(3):
            calls.read(bench.ask())
        calls.close()
        assert (bench.used, bench.login.looked_up) == ([TOKEN] * 3, 1)

    def test_a_write_goes_with_the_tokens_of_this_moment(self, web: WebServer) -> None:
        web.routes["/thing"] = web.routes["POST /thing"] = GOOD
        bench = Bench(web)
        calls = bench.calls()
        calls.read(bench.ask())
        bench.login.renewed = Tokens({"token": RENEWED})
        calls.write(bench.ask("POST"))
        calls.close()
        assert bench.used == [TOKEN, RENEWED]

    def test_a_read_that_fails_has_the_next_one_look_the_tokens_up(self, web: WebServer) -> None:
        web.routes["/thing"] = in_turn(GOOD, status(404), GOOD)
        bench = Bench(web)
        calls = bench.calls()
        calls.read(bench.ask())
        bench.login.renewed = Tokens({"token": RENEWED})
        with pytest.raises(UnknownReference):
            calls.read(bench.ask())
        calls.read(bench.ask())
        calls.close()
        assert bench.used == [TOKEN, TOKEN, RENEWED]

    def test_tokens_are_asked_for_without_repeating_or_renewing(self, web: WebServer) -> None:
        bench = Bench(web)
        calls = bench.calls()
        web.routes["/thing"] = in_turn(EXPIRED, status(503), GOOD)
        with pytest.raises(LoginExpired):
            calls.read_once(bench.ask(), {"token": "refresh"})
        with pytest.raises(SupplierUnavailable):
            calls.read_once(bench.ask(), {"token": "refresh"})
        assert calls.read_once(bench.ask(), {"token": "refresh"}) == {"price": Decimal("12.30")}
        calls.close()
        assert (bench.used, bench.login.renewals) == (["refresh"] * 3, 0)

    def test_tokens_can_be_renewed_while_they_still_serve(self, web: WebServer) -> None:
        bench = Bench(web)
        assert bench.calls().renew().secrets == {"token": RENEWED}
        assert bench.login.renewals == 1


class TestSilence:
    FAULTS: tuple[Respond, ...] = (EXPIRED, WITH_429, hang_up, HTML, BROKEN_GZIP, status(404))

    @pytest.mark.parametrize("fault", FAULTS)
    @pytest.mark.parametrize("kind", ["read", "write"])
    def test_no_secret_and_no_address_is_in_errors_or_logs(
        self, web: WebServer, fault: Respond, kind: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        web.routes["/thing"] = fault
        bench = Bench(web)
        error = (
            bench.read_failing(SupplierError)
            if kind == "read"
            else bench.write_failing(SupplierError)
        )
        told = "".join(traceback.format_exception(error)) + json.dumps(
            [{**vars(record), "msg": str(record.msg)} for record in caplog.records], default=repr
        )
        for secret in (TOKEN, RENEWED, "Erika"):
            assert secret not in told

    def test_a_secret_that_http_cannot_carry_is_not_quoted(self, web: WebServer) -> None:
        bench = Bench(web, login=FakeLogin({"token": f"{TOKEN}\nx: y"}))
        error = bench.write_failing(Misconfigured)
        assert str(error) == (
            "the request cannot be sent over HTTP; check the base address and the secrets for odd"
            " characters"
        )
        assert TOKEN not in "".join(traceback.format_exception(error))
        assert web.asked == []


def test_a_closed_gateway_opens_new_connections(web: WebServer) -> None:
    web.routes["/thing"] = GOOD
    bench = Bench(web)
    calls = bench.calls()
    calls.read(bench.ask())
    calls.close()
    calls.close()
    assert calls.read(bench.ask()) == {"price": Decimal("12.30")}
    calls.close()
