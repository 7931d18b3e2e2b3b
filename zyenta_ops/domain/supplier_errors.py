"""What can go wrong between us and a supplier's API, by what may be done about it.

    SupplierError               the supplier did not do what was asked
    ├── SupplierUnavailable     nothing was done; may succeed later
    │   ├── RateLimited         later is known, or a quota is used up
    │   └── AnswerInvalid       what came back is not what the supplier's API sends
    ├── LoginFailed             a person must act before anything else can succeed
    │   ├── LoginRevoked        the account has to be connected again
    │   └── Misconfigured       key, signature, permission or address are wrong
    ├── LoginExpired            renew the tokens once, then try again
    ├── RequestInvalid          the supplier does not understand the request; ours is the fault
    ├── UnknownReference        there is no such product, variant or order
    ├── OrderRejected           understood and refused, for a `RejectionReason`
    ├── DuplicateOrder          our reference was used before; adopt what exists
    ├── Unsupported             the supplier has no such function
    └── OutcomeUnknown          a write was sent and nobody knows what became of it

Reads may be repeated after `SupplierUnavailable`. A write is repeated only when it provably was
not sent; everything after that is `OutcomeUnknown`, which is reconciled and never repeated blindly.

The text never holds a token, a secret, an address or what the supplier quoted of them.
"""

from __future__ import annotations

from enum import StrEnum

from zyenta_ops.domain.errors import ZyentaError


class SupplierError(ZyentaError):
    """The supplier did not do what was asked.

    Attributes:
        code: the supplier's own word for the fault, empty when it gave none.
        request_id: what the supplier calls the request, for its support desk.
    """

    def __init__(self, message: str, *, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.request_id = request_id


class SupplierUnavailable(SupplierError):
    """Nothing was done; the same request may succeed later."""


class RateScope(StrEnum):
    """Which allowance is used up."""

    RATE = "RATE"  # requests per second or minute
    DAY = "DAY"  # requests per day


class RateLimited(SupplierUnavailable):
    """The supplier, or our own limiter, lets no further request through for now.

    Attributes:
        retry_after: seconds until a request may succeed; None = not said.
        scope: which allowance is used up.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        scope: RateScope = RateScope.RATE,
        code: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.retry_after = retry_after
        self.scope = scope


class AnswerInvalid(SupplierUnavailable):
    """What came back is no answer of this API: a web page, half a document, far too much."""


class LoginFailed(SupplierError):
    """The account cannot be used until a person has acted; the circuit opens."""


class LoginRevoked(LoginFailed):
    """The supplier no longer accepts our account; it has to be connected again."""


class Misconfigured(LoginFailed):
    """The supplier refuses our key, signature, permission or address."""


class LoginExpired(SupplierError):
    """The access token is no longer accepted; renew it once, then try again."""


class RequestInvalid(SupplierError):
    """The supplier does not understand the request; repeating it changes nothing."""


class UnknownReference(SupplierError):
    """The supplier knows no such product, variant or order."""


class RejectionReason(StrEnum):
    """Why a supplier refuses an order."""

    ADDRESS = "ADDRESS"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    SHIPPING_METHOD = "SHIPPING_METHOD"  # quote again, then try once more
    PRICE = "PRICE"
    ACCOUNT = "ACCOUNT"
    PAYMENT = "PAYMENT"
    REGION = "REGION"
    UNKNOWN = "UNKNOWN"


class OrderRejected(SupplierError):
    """Understood and refused; nothing was ordered."""

    def __init__(
        self, message: str, *, reason: RejectionReason, code: str = "", request_id: str = ""
    ) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.reason = reason


class DuplicateOrder(SupplierError):
    """An order with our reference exists at the supplier.

    Attributes:
        external_id: the supplier's id of it; None = not said, look it up by the reference.
    """

    def __init__(
        self,
        message: str,
        *,
        external_id: str | None = None,
        code: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.external_id = external_id


class Unsupported(SupplierError):
    """The supplier has no such function; a person must do it on its site."""


class OutcomeUnknown(SupplierError):
    """A write was sent and its answer was lost or unreadable; it may have been done."""
