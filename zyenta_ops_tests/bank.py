"""A bank that keeps its own books of an order's payments, to compare derived orders with.

It moves objects as Stripe does: a payment that succeeded stays so, no more goes back than is left,
and a refund that was made may still fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from zyenta_ops.domain.orders import PaymentStatus
from zyenta_ops.domain.payments import FactKind, FactState

TOTAL = 4_938
# Parts that make the total together, and too little, and too much.
_AMOUNTS = (1_000, 3_938, 2_948, 1_990, TOTAL, 6_000)
_TRIED = (
    *(FactState.OPEN, FactState.PROCESSING, FactState.FAILED, FactState.AUTHORIZED),
    FactState.CANCELLED,
)
_NOT_PAID = frozenset({PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.ABANDONED})
_PAYING = ("pay", "pay", "pay", "try_to_pay")
_TAKING = ("refund", "refund", "refund", "settle", "dispute", "close", "doubt")

# Moves an object: kind, id, state, minor units, currency, payment.
Put = Callable[[FactKind, str, FactState, int, str, str], object]


@dataclass
class Entry:
    """Money that came (> 0) or went; `counts` once it did for good."""

    payment: str
    currency: str
    minor: int
    counts: bool


@dataclass(frozen=True)
class Move:
    """Something happens at the bank."""

    verb: str
    number: int
    choice: int


def _moves(verbs: tuple[str, ...]) -> st.SearchStrategy[Move]:
    return st.builds(Move, st.sampled_from(verbs), st.integers(1, 3), st.integers(0, 29))


moves = _moves(_PAYING) | _moves(_TAKING)
# Something was paid, and something went back: most histories would else be of nothing.
beginnings = st.tuples(_moves(("pay",)), _moves(("refund", "dispute")), _moves(("pay",)))


@dataclass
class Bank:
    """Plays moves, one after the other; `played` counts them."""

    put: Put
    played: int = 0
    books: list[Entry] = field(default_factory=list)
    paid: dict[str, Entry] = field(default_factory=dict)
    refunds: dict[str, Entry] = field(default_factory=dict)
    disputes: dict[str, Entry] = field(default_factory=dict)

    def play(self, move: Move) -> None:
        """Let it happen, where it can."""
        self.played += 1
        payment = f"pi_{move.number}"
        if self.paid and move.verb in _TAKING:
            payment = sorted(self.paid)[move.number % len(self.paid)]
        getattr(self, f"_{move.verb}")(payment, move.choice)

    def kept(self) -> dict[str, int]:
        """What is still there of each payment in the order's currency."""
        kept: dict[str, int] = {}
        for each in self.books:
            if each.counts and each.currency == "EUR":
                kept[each.payment] = kept.get(each.payment, 0) + each.minor
        return kept

    def allows(self, status: PaymentStatus) -> bool:
        """Whether an order with these books may have a status."""
        kept, paid, was_paid = self._course()
        if kept >= TOTAL:
            return status is PaymentStatus.PAID
        if kept > 0 and paid:
            return status is PaymentStatus.PARTIALLY_REFUNDED
        if kept == 0 and was_paid:
            return status in (PaymentStatus.REFUNDED, PaymentStatus.AUTHORIZED)
        return status in _NOT_PAID

    def conditions(self) -> set[str]:
        """What the payments are like as a whole, as holds and issues call it."""
        kept, paid, _ = self._course()
        dollars = sum(each.minor for each in self.books if each.counts and each.currency == "USD")
        several = sum(minor > 0 for minor in self.kept().values()) > 1
        return {
            *(["payment:short"] if 0 < kept < TOTAL and not paid else []),
            *(["payment:currency"] if dollars else []),
            *(["payment:twice"] if several and kept > TOTAL else []),
        }

    def _course(self) -> tuple[int, bool, bool]:
        """What is kept, whether it is of a paid order, and whether there ever was one."""
        kept, paid, was_paid = 0, False, False
        for each in self.books:
            if each.counts and each.currency == "EUR":
                kept += each.minor
                paid = kept >= TOTAL or (paid and kept > 0)
                was_paid = was_paid or paid
        return kept, paid, was_paid

    def _pay(self, payment: str, choice: int) -> None:
        if payment not in self.paid:
            minor = _AMOUNTS[choice % len(_AMOUNTS)]
            entry = Entry(payment, "USD" if choice % 5 == 4 else "EUR", minor, True)
            self.paid[payment] = entry
            self.books.append(entry)
            self._move(FactKind.INTENT, payment, FactState.SUCCEEDED, entry)

    def _try_to_pay(self, payment: str, choice: int) -> None:
        if payment not in self.paid:
            state = _TRIED[choice % len(_TRIED)]
            self.put(FactKind.INTENT, payment, state, TOTAL, "EUR", payment)

    def _refund(self, payment: str, choice: int) -> None:
        left = self._left(payment)
        if left and f"dp_{payment}" not in self.disputes:
            name = f"re_{len(self.refunds) + 1}"
            made = Entry(
                payment, self.paid[payment].currency, -(left if choice % 3 else left // 2), True
            )
            if made.minor:
                self.refunds[name] = made
                self.books.append(made)
                self._tell_refund(name, choice)

    def _settle(self, _: str, choice: int) -> None:
        open_ones = sorted(self.refunds)
        if open_ones:
            self._tell_refund(open_ones[choice % len(open_ones)], choice // 3)

    def _tell_refund(self, name: str, choice: int) -> None:
        states = (FactState.SUCCEEDED, FactState.SUCCEEDED, FactState.OPEN, FactState.FAILED)
        state, entry = states[choice % 4], self.refunds[name]
        entry.counts = state is FactState.SUCCEEDED
        self._move(FactKind.REFUND, name, state, entry)

    def _dispute(self, payment: str, choice: int) -> None:
        left = self._left(payment)
        if left and f"dp_{payment}" not in self.disputes:
            entry = Entry(payment, self.paid[payment].currency, -left, False)
            self.disputes[f"dp_{payment}"] = entry
            self.books.append(entry)
            state = (FactState.OPEN, FactState.OPEN, FactState.ASKED)[choice % 3]
            self._move(FactKind.DISPUTE, f"dp_{payment}", state, entry)

    def _close(self, payment: str, choice: int) -> None:
        entry = self.disputes.get(f"dp_{payment}")
        if entry is not None:
            state = (FactState.WON, FactState.LOST)[choice % 2]
            entry.counts = state is FactState.LOST
            self._move(FactKind.DISPUTE, f"dp_{payment}", state, entry)

    def _doubt(self, payment: str, choice: int) -> None:
        if payment in self.paid:
            kind = (FactKind.WARNING, FactKind.REVIEW)[choice % 2]
            state = (FactState.OPEN, FactState.CLOSED)[choice // 2 % 2]
            self.put(kind, f"{kind.lower()}_{payment}", state, 0, "EUR", payment)

    def _left(self, payment: str) -> int:
        """What nobody has asked back yet; what failed may go after all, so it frees nothing."""
        if payment not in self.paid:
            return 0
        gone = [
            each
            for each in (*self.refunds.values(), *self.disputes.values())
            if each.payment == payment
        ]
        return self.paid[payment].minor + sum(each.minor for each in gone)

    def _move(self, kind: FactKind, name: str, state: FactState, entry: Entry) -> None:
        self.put(kind, name, state, abs(entry.minor), entry.currency, entry.payment)
