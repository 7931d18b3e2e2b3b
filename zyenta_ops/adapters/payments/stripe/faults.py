"""Stripe's errors, by what may be done about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import stripe

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.payment_errors import (
    PaymentError,
    PaymentLoginRefused,
    PaymentMissing,
    PaymentOutcomeUnknown,
    PaymentRefused,
    PaymentUnavailable,
)


@contextmanager
def in_words(what: str, *, write: bool = False) -> Iterator[None]:
    """Turn the SDK's errors, and answers that cannot be read, into ours.

    `what` is what was asked for, in words. The SDK's own text is not quoted: it may hold what was
    sent.
    """
    try:
        yield
    except stripe.StripeError as error:
        raise _translated(error, what, write) from None
    except (LookupError, TypeError, ValueError, Refused):
        reason = f"{what}: Stripe's answer cannot be understood"
        raise PaymentOutcomeUnknown(reason) if write else PaymentRefused(reason) from None


def _translated(error: stripe.StripeError, what: str, write: bool) -> PaymentError:
    code = _code(error)
    named = f"{what}: Stripe said {code or type(error).__name__}"
    if error.request_id:
        named += f" (request {error.request_id})"
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return PaymentLoginRefused(f"{named}; check ZYENTA_STRIPE_KEY and the account's consent")
    if isinstance(error, stripe.RateLimitError) or error.http_status == 429:
        return PaymentUnavailable(named, _retry_after(error))
    if isinstance(error, stripe.APIConnectionError):
        reason = f"{what}: no answer from Stripe"
        return PaymentOutcomeUnknown(reason) if write else PaymentUnavailable(reason)
    status = error.http_status or 0
    if status == 409 or isinstance(error, stripe.IdempotencyError):
        # The first request under this key is still being worked on, or had other parameters.
        return PaymentOutcomeUnknown(named, answered=status != 409)
    if status >= 500 or isinstance(error, stripe.APIError):
        if not write:
            return PaymentUnavailable(named)
        # What a proxy in between says is no answer of Stripe's, and is not kept under the key.
        return PaymentOutcomeUnknown(named, answered=status >= 500 and _said(error) is not None)
    if status == 404 or code == "resource_missing":
        return PaymentMissing(named)
    return PaymentRefused(named)


def _code(error: stripe.StripeError) -> str:
    """Stripe's word for the fault; the SDK leaves `code` empty on several kinds of error."""
    return str(error.code or (_said(error) or {}).get("code") or "")


def _said(error: stripe.StripeError) -> dict[str, Any] | None:
    """What Stripe itself says of the fault; None = it was not Stripe who answered."""
    body: Any = error.json_body
    said = body.get("error") if isinstance(body, dict) else None
    return said if isinstance(said, dict) else None


def _retry_after(error: stripe.StripeError) -> float | None:
    said = {name.lower(): value for name, value in (error.headers or {}).items()}
    value = said.get("retry-after", "")
    return float(value) if value.isdigit() else None
