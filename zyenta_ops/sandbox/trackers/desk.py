"""What every tracker's counter keeps: who asks, what is followed, and what it may cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeGuard

from zyenta_ops.sandbox.limits import Limits
from zyenta_ops.sandbox.pushes import Push
from zyenta_ops.sandbox.trackers.journeys import Journey, Journeys
from zyenta_ops.sandbox.wire import Call

# A tracker asks the carrier after a number was handed over, which takes it minutes.
NEWS_AFTER = timedelta(minutes=5)
_NUMBER = re.compile(r"[0-9A-Za-z]{6,50}")


@dataclass
class Desk:
    """The numbers that one tracker follows, by account.

    Attributes:
        keys: account names by key; more can be added.
        quota: numbers that an account may hand over in a month.
    """

    vendor: str
    clock: Callable[[], datetime]
    journeys: Journeys
    limits: Limits
    keys: dict[str, str]
    quota: int
    _followed: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _spent: dict[tuple[str, str], int] = field(default_factory=dict)
    _refused_once: set[str] = field(default_factory=set)

    def forget_key(self, account: str) -> None:
        """A key cannot expire: it is refused during the next call only."""
        self._refused_once.add(account)

    def admits(self, account: str) -> bool:
        """Whether a call of this account goes on."""
        if account in self._refused_once:
            self._refused_once.discard(account)
            return False
        return bool(account)

    def revoke(self, account: str) -> bool:
        """End the keys of an account."""
        known = account in self.keys.values()
        self.keys = {key: name for key, name in self.keys.items() if name != account}
        return known

    def follows(self, account: str, number: str) -> bool:
        """Whether the account has handed a number over."""
        return (account, number) in self._followed

    def left(self, account: str) -> int:
        """Numbers that may be handed over this month."""
        return self.quota - self._spent.get(self._month(account), 0)

    def follow(self, account: str, number: str) -> None:
        """Follow a number from now on; costs one of the quota."""
        month = self._month(account)
        self._spent[month] = self._spent.get(month, 0) + 1
        self._followed[account, number] = self.clock()
        self.journeys.of(number)

    def numbers(self, account: str) -> list[str]:
        """What the account has handed over, in order."""
        return [number for owner, number in self._followed if owner == account]

    def news(self, account: str, number: str) -> Journey | None:
        """What is known of a followed number; None while the carrier was not asked yet."""
        if self.clock() - self._followed[account, number] < NEWS_AFTER:
            return None
        return self.journeys.of(number)

    def _month(self, account: str) -> tuple[str, str]:
        return account, f"{self.clock():%Y-%m}"


class DeskCounter:
    """What the counters of all trackers share: keys do not expire, and nothing is pushed.

    Attributes:
        desk: what it keeps.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def forget_token(self, call: Call) -> None:
        """A key cannot expire: it is refused during this call only."""
        self.desk.forget_key(call.account)

    def revoke(self, account: str) -> bool:
        """End the keys of an account."""
        return self.desk.revoke(account)

    def news(self) -> list[Push]:
        """Nobody has asked to be told."""
        return []


def is_number(text: object) -> TypeGuard[str]:
    """Whether it has the form of a tracking number."""
    return isinstance(text, str) and _NUMBER.fullmatch(text) is not None


def has_carrier(number: str) -> bool:
    """Whether a carrier can be told from it: there is none that gives letters alone."""
    return any(each.isdigit() for each in number)
