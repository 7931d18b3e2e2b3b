"""How long what has happened is remembered, once nothing that is in force points to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Remembered(StrEnum):
    """What grows with time, by the name of its table; in the order in which it may be forgotten."""

    PRICE_DECISIONS = "price_decision"
    # An observation stays while a decision points to it, a sweep while it has observations.
    OBSERVATIONS = "offer_observation"
    SWEEPS = "catalog_sweep"
    CHANGES = "product_change"
    SYNCS = "sync_log"
    # An alert stays while it names variants, a message while its alert is there.
    ALERT_SUBJECTS = "alert_subject"
    ALERTS = "alert"
    MESSAGES = "outbox_message"
    EVENTS = "inbox_event"


_HISTORY = frozenset({Remembered.PRICE_DECISIONS, Remembered.OBSERVATIONS, Remembered.CHANGES})


@dataclass(frozen=True, slots=True)
class Retention:
    """How long to remember what is over.

    Attributes:
        history: what prices and stocks were, and why.
        records: what was done and said: syncs, sweeps, alerts, messages, events,
            suppliers' answers.
        runs: what the orchestrator keeps of its runs.
    """

    history: timedelta = timedelta(days=365)
    records: timedelta = timedelta(days=90)
    runs: timedelta = timedelta(days=30)

    def cutoff(self, what: Remembered, now: datetime) -> datetime:
        """Before when it may be forgotten."""
        return now - (self.history if what in _HISTORY else self.records)
