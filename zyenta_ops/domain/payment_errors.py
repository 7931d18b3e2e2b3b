"""What can go wrong between us and a payment provider, by what may be done about it.

PaymentError                the provider did not do what was asked
├── PaymentUnavailable      nothing was done; may succeed later
├── PaymentOutcomeUnknown   a write was sent and nobody knows what became of it
├── PaymentRefused          understood and refused for good; a person must look
├── PaymentMissing          there is no such object, or not any more
└── PaymentLoginRefused     the key is wrong, or the account took our access away
"""

from __future__ import annotations

from zyenta_ops.domain.errors import Unreachable, ZyentaError


class PaymentError(ZyentaError):
    """The provider did not do what was asked."""


class PaymentUnavailable(PaymentError, Unreachable):
    """Nothing was done; the same request may succeed later."""


class PaymentOutcomeUnknown(PaymentError):
    """A write was sent and nobody knows what became of it; it is looked for, not repeated.

    Attributes:
        answered: the provider answered with a fault of its own, which it repeats for as long as
            it remembers the key of the request.
    """

    def __init__(self, message: str, *, answered: bool = False) -> None:
        super().__init__(message)
        self.answered = answered


class PaymentRefused(PaymentError):
    """The provider understood and refused."""


class PaymentMissing(PaymentError):
    """There is no such object."""


class PaymentLoginRefused(PaymentError):
    """The provider no longer accepts our key, or not for this account."""
