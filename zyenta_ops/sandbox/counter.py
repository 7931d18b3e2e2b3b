"""What the world asks of every vendor."""

from __future__ import annotations

from typing import Protocol

from zyenta_ops.sandbox.pushes import Push
from zyenta_ops.sandbox.wire import Answer, Call, Request


class Counter(Protocol):
    """The counter of a vendor: where requests are handed in and answered."""

    def identify(self, request: Request) -> Call:
        """Who asks for what. Believes the request: nothing has been verified yet."""

    def answer(self, request: Request, call: Call) -> Answer:
        """Verify and do what is asked."""

    def forget_token(self, call: Call) -> None:
        """Let the access token of the caller expire before its time."""

    def revoke(self, account: str) -> bool:
        """Take an account's login away for good; False when there is no such account."""

    def news(self) -> list[Push]:
        """Messages about what has happened since the last time, to those who asked for them."""
