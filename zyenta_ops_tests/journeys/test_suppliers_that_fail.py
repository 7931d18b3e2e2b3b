"""What goes wrong on the way to a supplier with an API, as a sweep takes it.

What was answered is applied, what was not is named and stays due, the other supplier is untouched,
and the sweep comes to an end.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from zyenta_ops.domain.accounts import AccountStatus
from zyenta_ops.domain.errors import SourceInvalid, SourceUnavailable
from zyenta_ops.domain.sweeps import SweepStatus
from zyenta_ops.sandbox.aliexpress.apps import DEMO_CODE
from zyenta_ops_tests.journeys.vendors import PRODUCTS, VENDORS, Vendors

# A fault, its settings, and what is said of a product that it befell.
BROKEN: dict[str, tuple[str, dict[str, Any], str]] = {
    "500": ("status", {"status": 500}, "the supplier answered HTTP 500"),
    "502": ("status", {"status": 502}, "the supplier answered HTTP 502"),
    "503": ("status", {"status": 503, "retry_after": 1}, "the supplier answered HTTP 503"),
    "504": ("status", {"status": 504}, "the supplier answered HTTP 504"),
    "a web page": ("html", {}, "the supplier answered HTTP 200 with something that is not JSON"),
    "50 MB": ("huge", {}, "the supplier's answer is larger than 8388608 bytes"),
    "half an answer": ("truncated", {}, "the connection to the supplier broke"),
    "a reset at once": ("reset_before", {}, "the connection to the supplier broke"),
    "a reset after the work": ("reset_after", {}, "the connection to the supplier broke"),
    "silence": ("hang", {}, "the supplier did not answer in time"),
}

both = pytest.mark.parametrize("vendor", VENDORS)


@both
@pytest.mark.parametrize("what", BROKEN)
def test_a_product_without_an_answer_is_named_and_the_others_are_applied(
    vendors: Vendors, vendor: str, what: str
) -> None:
    fault, settings, reason = BROKEN[what]
    vendors.suffer(vendor, fault, calls=(2, 3, 4), **settings)  # all attempts at the second
    vendors.read_seconds = 0.5 if fault == "hang" else 10

    report = vendors.sweep(vendor)

    (rejection,) = report.rejections
    second = vendors.refs[vendor][1]
    assert rejection.reference == second
    assert rejection.reason.startswith(reason)
    assert (report.status, report.is_partial) == (SweepStatus.PROMOTED, True)
    assert (report.counts.asked, report.counts.unanswered) == (PRODUCTS, 1)
    assert vendors.applied(vendor) == [True, False, True, True]
    assert vendors.failures(vendor) == {second: 1}
    vendors.recovers(vendor)


@both
@pytest.mark.parametrize("what", ["503", "a reset after the work", "silence"])
def test_when_nothing_at_all_is_answered_the_sweep_fails_and_changes_nothing(
    vendors: Vendors, vendor: str, what: str
) -> None:
    fault, settings, reason = BROKEN[what]
    vendors.suffer(vendor, fault, **settings)
    vendors.read_seconds = 0.1 if fault == "hang" else 10

    with pytest.raises(SourceUnavailable, match=f"answered for no product: {reason}"):
        vendors.sweep(vendor)

    assert vendors.sweeps(vendor)[-1] == "FAILED"
    assert vendors.applied(vendor) == [False] * PRODUCTS
    assert vendors.account(vendor).is_healthy(vendors.clock())
    vendors.recovers(vendor)


@both
def test_a_few_answers_that_are_none_are_said_so_and_change_nothing(
    vendors: Vendors, vendor: str
) -> None:
    fault, settings, reason = BROKEN["a web page"]
    vendors.suffer(vendor, fault, **settings)

    report = vendors.sweep(vendor)

    assert (report.status, report.counts.unanswered) == (SweepStatus.UNCHANGED, PRODUCTS)
    assert report.trouble is not None
    assert report.trouble.startswith(f"the supplier answered and no answer could be used: {reason}")
    assert vendors.applied(vendor) == [False] * PRODUCTS
    vendors.recovers(vendor)


@both
@pytest.mark.parametrize(
    ("fault", "settings", "seconds"),
    [
        ("status", {"status": 429}, 5),
        ("status", {"status": 429, "retry_after": 20}, 20),
        ("throttled", {}, 1),
    ],
)
def test_a_supplier_that_asks_for_a_pause_gets_it_and_then_all_is_read(
    vendors: Vendors, vendor: str, fault: str, settings: dict[str, Any], seconds: int
) -> None:
    vendors.suffer(vendor, fault, calls=(2,), **settings)
    began = vendors.clock()

    report = vendors.sweep(vendor)

    assert (report.counts.asked, report.is_partial) == (PRODUCTS, False)
    assert vendors.clock() - began >= timedelta(seconds=seconds)
    vendors.recovers(vendor)


@both
@pytest.mark.parametrize(
    ("fault", "settings"),
    [
        ("status", {"status": 429}),
        ("status", {"status": 429, "retry_after": 3_600}),
        ("throttled", {}),
    ],
)
def test_a_supplier_that_goes_on_refusing_is_left_alone_and_what_it_answered_is_applied(
    vendors: Vendors, vendor: str, fault: str, settings: dict[str, Any]
) -> None:
    vendors.suffer(vendor, fault, calls=tuple(range(2, 20)), **settings)

    report = vendors.sweep(vendor)

    assert (report.status, report.is_partial) == (SweepStatus.PROMOTED, True)
    assert (report.counts.asked, report.counts.left) == (1, PRODUCTS - 1)
    assert vendors.applied(vendor) == [True, False, False, False]
    assert vendors.failures(vendor) == {}
    vendors.recovers(vendor, hours=2)


@both
@pytest.mark.parametrize(("fault", "settings"), [("status", {"status": 429}), ("throttled", {})])
def test_a_supplier_that_refuses_from_the_start_fails_the_sweep(
    vendors: Vendors, vendor: str, fault: str, settings: dict[str, Any]
) -> None:
    vendors.suffer(vendor, fault, **settings)

    with pytest.raises(SourceUnavailable, match=r"answered for no product: .*(fewer|too often)"):
        vendors.sweep(vendor)

    assert vendors.sweeps(vendor)[-1] == "FAILED"
    assert vendors.applied(vendor) == [False] * PRODUCTS
    vendors.recovers(vendor)


def use_up(vendors: Vendors, vendor: str, monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    """So many questions about products are left of the vendor's day."""
    limits = vendors.world.trades[vendor].limits
    if vendor == "aliexpress":
        app = vendors.world.aliexpress.app
        monkeypatch.setattr(app, "calls_per_day", limits.spent(f"app {app.key}") + left)
    else:
        monkeypatch.setattr(vendors.world.cj.account, "verified", False)
        spent = limits.spent("demo /product/query")
        monkeypatch.setattr("zyenta_ops.sandbox.cj.gateway.CALLS_PER_DAY", spent + left)


@both
def test_a_day_s_quota_that_ends_on_the_way_leaves_the_rest_for_tomorrow(
    vendors: Vendors, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_up(vendors, vendor, monkeypatch, left=2)

    report = vendors.sweep(vendor)

    assert (report.status, report.counts.left) == (SweepStatus.PROMOTED, PRODUCTS - 2)
    assert vendors.applied(vendor) == [True, True, False, False]
    assert vendors.account(vendor).is_healthy(vendors.clock())
    monkeypatch.undo()
    vendors.recovers(vendor, days=1)


def test_a_quota_that_is_used_up_is_no_failure_and_is_not_asked_for_again_at_once(
    vendors: Vendors, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_up(vendors, "cj", monkeypatch, left=0)

    first = vendors.sweep("cj")
    asked = vendors.asked("cj")
    vendors.clock.advance(900)
    second = vendors.sweep("cj")

    assert [(each.status, each.counts.left) for each in (first, second)] == [
        (SweepStatus.UNCHANGED, PRODUCTS)
    ] * 2
    assert vendors.asked("cj") == asked
    monkeypatch.undo()
    vendors.recovers("cj", days=1)


def renewals(vendors: Vendors, vendor: str) -> int:
    return sum("refresh" in each for each in vendors.world.log.operations(vendor))


@both
def test_a_token_that_ends_on_the_way_is_renewed_and_nothing_is_lost(
    vendors: Vendors, vendor: str
) -> None:
    before = renewals(vendors, vendor)
    vendors.suffer(vendor, "expired_token", calls=(2,))

    report = vendors.sweep(vendor)

    assert (report.counts.asked, report.is_partial) == (PRODUCTS, False)
    assert renewals(vendors, vendor) == before + 1
    vendors.recovers(vendor)


def revoke(vendors: Vendors, vendor: str) -> None:
    """Nothing that we hold is worth anything any more."""
    if vendor == "aliexpress":
        vendors.world.aliexpress.tokens.revoke("demo")
    else:
        vendors.world.cj.logins.accounts.clear()
        vendors.world.cj.logins.logins.clear()


def connect_again(vendors: Vendors, vendor: str) -> None:
    if vendor == "aliexpress":
        aliexpress = vendors.world.aliexpress
        aliexpress.tokens.authorise(aliexpress.app, aliexpress.buyer, DEMO_CODE)
    else:
        vendors.world.cj.logins.add(vendors.world.cj.account)
        vendors.clock.advance(300)
    vendors.connect(vendor)


@both
def test_an_account_that_is_revoked_on_the_way_is_not_used_again(
    vendors: Vendors, vendor: str
) -> None:
    answers = iter(range(PRODUCTS))

    def once_more(answer: Any) -> Any:
        if next(answers) == 1:
            revoke(vendors, vendor)
        return answer

    vendors.rewrite(vendor, once_more)

    report = vendors.sweep(vendor)
    asked = len(vendors.world.log.operations(vendor))
    with pytest.raises(SourceInvalid, match=f"no account at '{vendor}' can be used"):
        vendors.sweep(vendor)

    assert (report.is_partial, report.counts.left) == (True, PRODUCTS - 2)
    assert vendors.applied(vendor) == [True, True, False, False]
    assert vendors.account(vendor).status is AccountStatus.REVOKED
    assert len(vendors.world.log.operations(vendor)) == asked
    vendors.rewrite(vendor, None)
    connect_again(vendors, vendor)
    vendors.recovers(vendor)


@both
def test_an_account_that_was_revoked_before_fails_the_sweep_with_what_to_do(
    vendors: Vendors, vendor: str
) -> None:
    revoke(vendors, vendor)

    with pytest.raises(SourceInvalid, match=r"connect (it|the account)"):
        vendors.sweep(vendor)

    assert vendors.sweeps(vendor)[-1] == "FAILED"
    assert vendors.account(vendor).status is AccountStatus.REVOKED
    assert vendors.applied(vendor) == [False] * PRODUCTS
    connect_again(vendors, vendor)
    vendors.recovers(vendor)


def test_a_wrong_secret_blocks_the_account_until_somebody_looks(vendors: Vendors) -> None:
    app = vendors.world.aliexpress.app
    secret, app.secret = app.secret, "another"

    with pytest.raises(SourceInvalid, match="refuses the app key, the signature"):
        vendors.sweep("aliexpress")
    with pytest.raises(SourceInvalid, match="no account at 'aliexpress' can be used"):
        vendors.sweep("aliexpress")

    assert vendors.account("aliexpress").status is AccountStatus.ACTIVE
    assert not vendors.account("aliexpress").is_healthy(vendors.clock())
    assert vendors.applied("aliexpress") == [False] * PRODUCTS
    app.secret = secret
    vendors.operations.accounts.check(vendors.account("aliexpress").id)
    vendors.recovers("aliexpress")


@pytest.mark.parametrize("hours", [-1, 1])
@both
def test_a_clock_that_is_an_hour_off_does_no_harm(
    vendors: Vendors, vendor: str, hours: int
) -> None:
    vendors.ahead = timedelta(hours=hours)
    vendors.clock.advance(4 * 3_600)

    assert not vendors.sweep(vendor).is_partial

    assert vendors.applied(vendor) == [True] * PRODUCTS
    vendors.ahead = timedelta()
    vendors.clock.advance(4 * 3_600)
    vendors.recovers(vendor)


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_that_aliexpress_does_not_believe_is_named(vendors: Vendors, hours: int) -> None:
    vendors.ahead = timedelta(hours=hours)
    vendors.clock.advance(4 * 3_600)

    with pytest.raises(SourceInvalid, match="the clock of this machine"):
        vendors.sweep("aliexpress")

    assert vendors.applied("aliexpress") == [False] * PRODUCTS
    vendors.ahead = timedelta()
    vendors.clock.advance(4 * 3_600)
    vendors.operations.accounts.check(vendors.account("aliexpress").id)
    vendors.recovers("aliexpress")


@both
def test_a_slow_supplier_is_asked_no_longer_than_the_run_may_take(
    vendors: Vendors, vendor: str
) -> None:
    def slowly(answer: Any) -> Any:
        vendors.clock.advance(250)
        return answer

    vendors.rewrite(vendor, slowly)
    began = vendors.clock()

    report = vendors.sweep(vendor)

    assert vendors.clock() - began < timedelta(seconds=600 + 250)
    assert (report.is_partial, report.counts.left) == (True, 1)
    assert vendors.applied(vendor) == [True, True, True, False]
    vendors.recovers(vendor)
