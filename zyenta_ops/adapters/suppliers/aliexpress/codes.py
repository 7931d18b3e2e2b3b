"""What AliExpress's error codes mean.

The codes of the gateway come from the documents of the platform's family and of the older TOP;
not all of them were seen at AliExpress. Those of orders come from a public type library, those of
products and of freight from the documents and from what public projects report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from zyenta_ops.domain.supplier_errors import (
    DuplicateOrder,
    LoginExpired,
    LoginRevoked,
    Misconfigured,
    OrderRejected,
    RateLimited,
    RejectionReason,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
    UnknownReference,
)

Meaning = type[SupplierError] | RejectionReason

_SENTENCES: Final[Mapping[type[SupplierError], str]] = {
    LoginExpired: "AliExpress does not accept the access token",
    LoginRevoked: "AliExpress no longer accepts the account; connect it again",
    Misconfigured: (
        "AliExpress refuses the app key, the signature, the time or a permission; see the app"
        " console and the clock of this machine"
    ),
    RateLimited: "AliExpress asks for fewer requests",
    SupplierUnavailable: "AliExpress cannot answer for now",
    RequestInvalid: "AliExpress refuses the request as it is",
    UnknownReference: "AliExpress knows nothing by this reference",
    DuplicateOrder: "AliExpress has an order with this reference",
}

_CODES_BY_MEANING: Final[Mapping[Meaning, str]] = {
    LoginExpired: "illegalaccesstoken invalidaccesstoken 26 27",
    LoginRevoked: "illegalrefreshtoken invalidrefreshtoken illegalcode invalidcode",
    Misconfigured: (
        "incompletesignature invalidsignature invalidappkey invalidapipath insufficientpermission"
        " insufficient-permission illegaltimestamp invalidtimestamp"
        " 11 12 13 21 22 24 25 28 29 30 31 32 33 34 42"
    ),
    RateLimited: "apicalllimit appcalllimit sellercalllimit accesscontrol 7",
    SupplierUnavailable: (
        "system isp servicetimeout serviceunavailable delivery_service_exception"
        " 10 15 500 502 503 504 506"
    ),
    RequestInvalid: "isv missingparameter invalidparameter 40 41 43",
    UnknownReference: "item_id_not_found delivery_info_empty 605 1001",
    DuplicateOrder: "repeated_order_error",
    RejectionReason.ADDRESS: "b_dropshipper_delivery_address_validate_fail",
    # A variant that is gone is out of stock for good.
    RejectionReason.OUT_OF_STOCK: "inventory_hold_error sku_not_exist",
    RejectionReason.SHIPPING_METHOD: "delivery_method_not_exist",
    RejectionReason.ACCOUNT: (
        "blacklist_buyer_in_list user_account_disabled a001_order_cannot_be_placed"
        " a003_suspicious_buyer a006_invalid_account_info"
    ),
    RejectionReason.PAYMENT: "price_pay_currency_error a004_cannot_user_coupon",
    RejectionReason.REGION: (
        "a002_invalid_zone a005_invalid_countries ship_to_country_prohibited 482"
        " delivery_not_available_to_your_address 505"
    ),
    RejectionReason.UNKNOWN: "error_when_build_for_place_order",
}

_MEANINGS: Final[Mapping[str, Meaning]] = {
    code: meaning for meaning, codes in _CODES_BY_MEANING.items() for code in codes.split()
}


def meaning_of(codes: Iterable[str]) -> Meaning:
    """What several codes of one error mean: the first that is known decides.

    A code such as `isv.invalid-parameter` is known by its whole, by what follows the `isv.`, or
    at last by what precedes the point.
    """
    for code in codes:
        key = code.strip().lower()
        owner, _, rest = key.partition(".")
        candidates = (key, rest, owner) if owner in ("isv", "isp") else (key, owner)
        for candidate in candidates:
            if candidate in _MEANINGS:
                return _MEANINGS[candidate]
    return SupplierUnavailable


def error_of(
    meaning: Meaning, *, code: str, request_id: str, retry_after: float | None = None
) -> SupplierError:
    """The error that a meaning stands for. Nothing that AliExpress wrote is quoted but the code."""
    said: dict[str, Any] = {"code": code, "request_id": request_id}
    named = f" ({code})" if code else ""
    if isinstance(meaning, RejectionReason):
        why = meaning.value.lower().replace("_", " ")
        return OrderRejected(f"AliExpress refuses this: {why}{named}", reason=meaning, **said)
    if meaning is RateLimited:
        said["retry_after"] = retry_after
    return meaning(f"{_SENTENCES[meaning]}{named}", **said)
