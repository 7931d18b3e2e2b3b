"""Stripe's errors, by what may be done about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import stripe

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
    """Turn the SDK's errors into ours; `what` is what was asked for, in words.

    The SDK's own text is not quoted: it may hold what was sent.
    """
    try:
        yield
    except stripe.StripeError as error:
        raise _translated(error, what, write) from None


def _translated(error: stripe.StripeError, what: str, write: bool) -> PaymentError:
    code = _code(error)
    named = f"{what}: Stripe said {code or type(error).__name__}"
    if error.request_id:
        named += f" (request {error.request_id})"
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return PaymentLoginRefused(f"{named}; check ZYENTA_STRIPE_KEY and the account's consent")
    if isinstance(error, stripe.RateLimitError):
        return PaymentUnavailable(named, _retry_after(error))
    if isinstance(error, stripe.APIConnectionError):
        reason = f"{what}: no answer from Stripe"
        return PaymentOutcomeUnknown(reason) if write else PaymentUnavailable(reason)
    status = error.http_status or 0
    if status == 409 or isinstance(error, stripe.IdempotencyError):
        # The first request under this key is still being worked on, or had other parameters.
        return PaymentOutcomeUnknown(named, answered=status != 409)
    if status >= 500 or isinstance(error, stripe.APIError):
        return PaymentOutcomeUnknown(named, answered=True) if write else PaymentUnavailable(named)
    if status == 404 or code == "resource_missing":
        return PaymentMissing(named)
    return PaymentRefused(named)


def _code(error: stripe.StripeError) -> str:
    """Stripe's word for the fault; the SDK leaves `code` empty on several kinds of error."""
    body: Any = error.json_body or {}
    said = body.get("error") if isinstance(body, dict) else None
    word = error.code or (said.get("code") if isinstance(said, dict) else "")
    return str(word or "")


def _retry_after(error: stripe.StripeError) -> float | None:
    value = (error.headers or {}).get("retry-after", "")
    return float(value) if str(value).isdigit() else None
