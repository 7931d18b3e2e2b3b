"""Every code of CJ's stands for something, whatever was asked about."""

from __future__ import annotations

import pytest

from zyenta_ops.adapters.suppliers.cj.errors import MEANINGS, About, error_of
from zyenta_ops.domain.supplier_errors import (
    DuplicateOrder,
    LoginExpired,
    Misconfigured,
    OrderRejected,
    RateLimited,
    RejectionReason,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
    UnknownReference,
    Unsupported,
)

CODES = """
1600000 1600001 1600002 1600003 1600004 1600005 1600006 1600007 1600008 1600009 1600010 1600011
1600012 1600030 1600031 1600100 1600101 1600200 1600201 1600300 1600301 1601000 1602000 1602001
1602002 1602003 1603000 1603001 1603002 1603003 1603100 1603101 1603102 1604000 1604001 1605000
1605001 1605002 1607004 16900202 16900203 16900204 16900205 16900403
"""


def test_the_table_holds_every_published_code() -> None:
    assert {int(each) for each in CODES.split()} == MEANINGS.keys() - {5027}


@pytest.mark.parametrize("about", list(About))
@pytest.mark.parametrize("code", [*sorted(MEANINGS), 1606000, 99, 0])
def test_every_code_is_one_sentence_with_its_number(code: int, about: About) -> None:
    error = error_of(str(code), about, request_id="r-1")
    assert isinstance(error, SupplierError)
    assert f"(code {code})" in str(error)
    assert (error.code, error.request_id) == (str(code), "r-1")
    assert "\n" not in str(error)


@pytest.mark.parametrize("code", ["", "x", "\uff11\uff16", "-1", "9" * 20])
def test_what_is_no_code_is_a_refusal(code: str) -> None:
    assert isinstance(error_of(code, About.PRODUCTS), RequestInvalid)
    refused = error_of(code, About.ORDERS)
    assert isinstance(refused, OrderRejected)
    assert refused.reason is RejectionReason.UNKNOWN


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1600000, SupplierUnavailable),
        (1600301, SupplierUnavailable),
        (1607004, SupplierUnavailable),
        (1600001, LoginExpired),
        (1600003, LoginExpired),
        (1600007, Misconfigured),
        (1601000, Misconfigured),
        (1600101, Unsupported),
        (1600200, RateLimited),
        (1602001, UnknownReference),
        (1603100, UnknownReference),
        (1600300, RequestInvalid),
        (16900203, RequestInvalid),
        (1603003, DuplicateOrder),
    ],
)
def test_a_code_about_products_has_a_kind(code: int, kind: type[SupplierError]) -> None:
    assert type(error_of(str(code), About.PRODUCTS)) is kind


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1602000, RejectionReason.OUT_OF_STOCK),
        (1602003, RejectionReason.OUT_OF_STOCK),
        (1603102, RejectionReason.OUT_OF_STOCK),
        (1603000, RejectionReason.UNKNOWN),
        (1603101, RejectionReason.PAYMENT),
        (1604000, RejectionReason.PAYMENT),
        (1604001, RejectionReason.PAYMENT),
        (1605000, RejectionReason.SHIPPING_METHOD),
        (1605001, RejectionReason.SHIPPING_METHOD),
        (1605002, RejectionReason.REGION),
    ],
)
def test_a_code_about_orders_has_a_reason(code: int, reason: RejectionReason) -> None:
    error = error_of(str(code), About.ORDERS)
    assert isinstance(error, OrderRejected)
    assert error.reason is reason
