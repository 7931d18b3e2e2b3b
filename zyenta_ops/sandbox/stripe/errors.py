"""What Stripe says when it says no."""

from __future__ import annotations

from typing import Any

from zyenta_ops.sandbox.wire import Answer

_DOCS = "https://stripe.com/docs/error-codes/"


class StripeError(ValueError):
    """A refusal in Stripe's shape; to those who drive the sandbox from Python, a wrong value.

    Attributes:
        executed: whether Stripe had begun to carry out the request. Only then does an
            idempotency key keep the answer.
        retry: what `Stripe-Should-Retry` says; nothing when None.
        more: further fields of the error.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str = "",
        param: str = "",
        executed: bool = False,
        retry: bool | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.code, self.param = status, kind, code, param
        self.executed, self.retry, self.more = executed, retry, more

    def document(self) -> dict[str, Any]:
        """The body of the answer; what is empty is left out."""
        error: dict[str, Any] = {"type": self.kind, "message": str(self), **self.more}
        if self.code:
            error |= {"code": self.code, "doc_url": _DOCS + self.code.replace("_", "-")}
        if self.param:
            error["param"] = self.param
        return {"error": error}

    def answer(self) -> Answer:
        """The answer to the client."""
        headers = {} if self.retry is None else {"Stripe_Should_Retry": str(self.retry).lower()}
        return Answer.of(self.document(), self.status, self.code or self.kind, **headers)


def invalid(message: str, param: str = "", code: str = "") -> StripeError:
    """Parameters that cannot be used: nothing was executed, no key keeps this."""
    return StripeError(400, message, code=code, param=param)


def refused(message: str, code: str = "", param: str = "", **more: Any) -> StripeError:
    """A request that was understood and cannot be carried out as things stand."""
    return StripeError(400, message, code=code, param=param, executed=True, **more)


def missing(kind: str, name: str, param: str) -> StripeError:
    """An object that is not there: 404 when the path names it, 400 when a parameter does."""
    status = 404 if param in ("id", "intent", "session") else 400
    message = f"No such {kind.replace('.', ' ')}: '{name}'"
    return StripeError(status, message, code="resource_missing", param=param)


def broken(status: int, final: bool) -> StripeError:
    """A fault within Stripe. `final` when an idempotency key would only repeat it."""
    return StripeError(
        status,
        "An unknown error occurred",
        kind="api_error",
        executed=True,
        retry=False if final else None,
    )


def masked(key: str) -> str:
    """A key as Stripe shows it in messages: its beginning, stars, its last four characters."""
    shown = 8 if key.startswith(("sk_", "rk_")) else 0
    return key[:shown] + "*" * max(0, len(key) - shown - 4) + key[-4:]
