"""What operations ask of Stripe."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import stripe
from requests.adapters import HTTPAdapter

from zyenta_ops.adapters.payments.stripe.amounts import to_stripe
from zyenta_ops.adapters.payments.stripe.faults import in_words
from zyenta_ops.adapters.payments.stripe.patience import PatientSession
from zyenta_ops.adapters.payments.stripe.reading import (
    REFUND_ID,
    dispute_fact,
    id_of,
    intent_fact,
    refund_fact,
    review_fact,
    session_fact,
    warning_fact,
)
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.inbox import EventSource, NewEvent, Via
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.payment_errors import (
    PaymentLoginRefused,
    PaymentMissing,
    PaymentRefused,
    PaymentUnavailable,
)
from zyenta_ops.domain.payments import EVENT_TYPES, PaymentFact, Subject
from zyenta_ops.domain.refunds import Refund
from zyenta_ops.ports import Clock, NewId
from zyenta_ops.ports.payments import AccountState, Plan, Stretch

TIMEOUT: Final = 10.0  # seconds
_RETRIES: Final = 2
_PAGE: Final = 100
# Stripe filters by at most 20 types a call (docs.stripe.com/api/events/list).
_TYPES_A_CALL: Final = 20
# Events come newest first; they are read in windows of time, so that the oldest can be taken first
# and little is held. A window grows while it holds little and shrinks when it holds much.
_FIRST_WINDOW: Final = timedelta(minutes=30)
_LONGEST_WINDOW: Final = timedelta(days=1)
_FULL_WINDOW: Final = 500
# The best of several subscriptions is the one that counts.
_SUBSCRIPTIONS: Final = (
    *("active", "trialing", "past_due", "unpaid", "paused"),
    *("incomplete", "incomplete_expired", "canceled"),
)

Wire = dict[str, Any]


class StripeProvider:
    """Satisfies `zyenta_ops.ports.payments.PaymentProvider`."""

    def __init__(
        self,
        key: str,
        clock: Clock,
        new_id: NewId,
        api_base: str = "",
        timeout: float = TIMEOUT,
    ) -> None:
        self._timeout = timeout
        self._key = key
        self._clock = clock
        self._new_id = new_id
        self._api_base = api_base
        self._deadline: datetime | None = None
        self._connections = HTTPAdapter()

    def until(self, deadline: datetime) -> StripeProvider:
        """The same provider, which asks nothing after the deadline and waits for no answer then."""
        hurried = StripeProvider(
            self._key, self._clock, self._new_id, self._api_base, self._timeout
        )
        hurried._deadline = deadline
        hurried._connections = self._connections
        return hurried

    @property
    def live(self) -> bool:
        """Whether the key moves real money."""
        return self._key.startswith(("sk_live_", "rk_live_"))

    @cached_property
    def _client(self) -> stripe.StripeClient:
        # It would write a file into the home folder of whoever runs us, and report to Stripe.
        stripe.enable_telemetry = False
        addresses: Any = {"api": self._api_base} if self._api_base else {}
        session = PatientSession(self._timeout, self._seconds_left, self._connections)
        return stripe.StripeClient(
            self._key,
            base_addresses=addresses,
            max_network_retries=_RETRIES,
            http_client=stripe.RequestsClient(timeout=self._timeout, session=session),
        )

    def events(self, account: str, since: datetime) -> Iterator[Stretch]:
        """Events created at or after `since`, oldest first, those of no concern left out."""
        now = self._clock()
        window = _FIRST_WINDOW
        start = since
        while start <= now:
            end = start + window
            found = self._events_between(account, start, end)
            yield Stretch([*map(self._event(account), found)], end)
            full = len(found) >= _FULL_WINDOW
            window = max(window / 2, _FIRST_WINDOW) if full else min(window * 2, _LONGEST_WINDOW)
            start = end

    def facts(self, account: str, subject: Subject, object_id: str) -> Sequence[PaymentFact]:
        """An object and the payment it belongs to, read now.

        Raises:
            PaymentMissing: there is no such object.
        """
        if not object_id:
            raise PaymentMissing("the event names no object")
        as_of = self._clock()
        service, read = self._readers[subject]
        charge = "latest_charge" if subject is Subject.INTENT else "payment_intent.latest_charge"
        with in_words(f"reading {subject.lower()} {object_id}"):
            wire = service.retrieve(
                object_id, {"expand": [charge]}, self._options(account)
            ).to_dict()
            return [*read(wire, account, as_of), *_intents(wire, account, as_of)]

    def payments_since(self, account: str, since: datetime) -> Iterator[PaymentFact]:
        """What was created since then, read now: payments, checkouts, refunds, disputes, doubts."""
        v1 = self._client.v1
        created: Any = {"created": {"gte": int(since.timestamp())}, "limit": _PAGE}
        lists: tuple[tuple[Any, Callable[[Wire, str, datetime], PaymentFact]], ...] = (
            (v1.payment_intents, intent_fact),
            (v1.checkout.sessions, session_fact),
            (v1.refunds, refund_fact),
            (v1.disputes, dispute_fact),
            (v1.radar.early_fraud_warnings, warning_fact),
            (v1.reviews, review_fact),
        )
        for service, read in lists:
            as_of = self._clock()
            expand = {"expand": ["data.latest_charge"]} if read is intent_fact else {}
            with in_words("reading payments"):
                page = service.list(created | expand, self._options(account))
                for each in page.auto_paging_iter():
                    # What is in a currency that we do not know pays no order of ours.
                    with suppress(Refused):
                        yield read(each.to_dict(), account, as_of)

    def refund(self, refund: Refund) -> PaymentFact:
        """Ask for a refund, under its idempotency key.

        Raises:
            PaymentRefused: it cannot be refunded.
            PaymentOutcomeUnknown: the answer was lost.
        """
        as_of = self._clock()
        params: Any = {
            "payment_intent": refund.intent_id,
            "amount": to_stripe(Money(refund.amount_minor, refund.currency)),
            "metadata": {REFUND_ID: refund.id},
        }
        params |= self._shares(refund)
        options = {**self._options(refund.account), "idempotency_key": refund.idempotency_key}
        with in_words(f"refund {refund.id}", write=True):
            made = self._client.v1.refunds.create(params, options)  # type: ignore[arg-type]
            return refund_fact(made.to_dict(), refund.account, as_of)

    def refunds_of(self, account: str, intent_id: str) -> Sequence[PaymentFact]:
        """Every refund of a payment, read now."""
        as_of = self._clock()
        params: Any = {"payment_intent": intent_id, "limit": _PAGE}
        with in_words(f"reading the refunds of {intent_id}"):
            page = self._client.v1.refunds.list(params, self._options(account))
            return [refund_fact(each.to_dict(), account, as_of) for each in page.auto_paging_iter()]

    def account_state(self, external_id: str) -> AccountState:
        """A connected account, read now; one that we may not read took our access away."""
        as_of = self._clock()
        try:
            with in_words(f"reading account {external_id}"):
                account = self._client.v1.accounts.retrieve(external_id)
        except PaymentLoginRefused:
            # A wrong key is refused here too; then nothing is known of the other account.
            self.platform()
            return AccountState(external_id, False, as_of, authorized=False)
        return AccountState(external_id, bool(account.charges_enabled), as_of)

    def platform(self) -> str:
        """The id of the account that the key belongs to, which shows that the key works."""
        with in_words("reading the platform's own account"):
            return str(self._client.v1.accounts.retrieve_current().id)

    def plan(self, customer_id: str) -> Plan:
        """What a customer of the platform is entitled to, read now; nothing once it is deleted."""
        as_of = self._clock()
        v1 = self._client.v1
        customer: Any = {"customer": customer_id, "limit": _PAGE}
        every: Any = {**customer, "status": "all"}
        try:
            with in_words(f"reading the plan of {customer_id}"):
                entitled = v1.entitlements.active_entitlements.list(customer)
                keys = frozenset(each.lookup_key for each in entitled.auto_paging_iter())
                words = {each.status for each in v1.subscriptions.list(every).auto_paging_iter()}
        except PaymentMissing:
            return Plan(customer_id, frozenset(), "", as_of)
        status = next((word for word in _SUBSCRIPTIONS if word in words), "")
        return Plan(customer_id, keys, status, as_of)

    def _seconds_left(self) -> float:
        if self._deadline is None:
            return self._timeout
        return (self._deadline - self._clock()).total_seconds()

    def _shares(self, refund: Refund) -> dict[str, bool]:
        """What others are to give back; Stripe refuses a refund from those who got nothing."""
        if not (refund.reverse_transfer or refund.refund_application_fee):
            return {}
        expand: Any = {"expand": ["latest_charge"]}
        try:
            with in_words(f"reading intent {refund.intent_id}"):
                intent = self._client.v1.payment_intents.retrieve(
                    refund.intent_id, expand, self._options(refund.account)
                ).to_dict()
                charge = intent["latest_charge"] or {}
        except (PaymentRefused, PaymentMissing) as error:
            # Nobody has refused the refund, which was not asked for yet.
            raise PaymentUnavailable(str(error)) from None
        shares = {
            "reverse_transfer": refund.reverse_transfer and charge.get("transfer_data"),
            "refund_application_fee": refund.refund_application_fee
            and charge.get("application_fee"),
        }
        return {name: True for name, given in shares.items() if given}

    @cached_property
    def _readers(
        self,
    ) -> dict[Subject, tuple[Any, Callable[[Wire, str, datetime], list[PaymentFact]]]]:
        v1 = self._client.v1
        return {
            Subject.SESSION: (v1.checkout.sessions, lambda *read: [session_fact(*read)]),
            Subject.INTENT: (v1.payment_intents, lambda *read: [intent_fact(*read)]),
            Subject.CHARGE: (v1.charges, self._refunds_of_charge),
            Subject.REFUND: (v1.refunds, lambda *read: [refund_fact(*read)]),
            Subject.DISPUTE: (v1.disputes, lambda *read: [dispute_fact(*read)]),
            Subject.WARNING: (v1.radar.early_fraud_warnings, lambda *read: [warning_fact(*read)]),
            Subject.REVIEW: (v1.reviews, lambda *read: [review_fact(*read)]),
        }

    def _refunds_of_charge(self, wire: Wire, account: str, _: datetime) -> list[PaymentFact]:
        intent_id = id_of(wire.get("payment_intent"))
        return list(self.refunds_of(account, intent_id)) if intent_id else []

    def _events_between(self, account: str, start: datetime, end: datetime) -> list[Wire]:
        found: list[Wire] = []
        created = {"gte": int(start.timestamp()), "lt": int(end.timestamp())}
        for first in range(0, len(EVENT_TYPES), _TYPES_A_CALL):
            types = EVENT_TYPES[first : first + _TYPES_A_CALL]
            params: Any = {"created": created, "types": list(types), "limit": _PAGE}
            with in_words("polling events"):
                page = self._client.v1.events.list(params, self._options(account))
                found += [each.to_dict() for each in page.auto_paging_iter()]
        return sorted(found, key=lambda wire: (wire["created"], wire["id"]))

    def _event(self, account: str) -> Callable[[Wire], NewEvent]:
        def read(wire: Wire) -> NewEvent:
            return NewEvent(
                id=self._new_id(),
                source=EventSource.STRIPE,
                event_id=wire["id"],
                type=wire["type"],
                # The SDK reads decimals, which are text on the wire.
                body=json.dumps(wire, separators=(",", ":"), default=str).encode(),
                via=Via.POLL,
                verified=True,
                received_at=self._clock(),
                occurred_at=datetime.fromtimestamp(wire["created"], UTC),
                account=wire.get("account") or account,
            )

        return read

    def _options(self, account: str) -> Any:
        return {"stripe_account": account} if account else {}


def _intents(wire: Wire, account: str, as_of: datetime) -> list[PaymentFact]:
    """The payment that an object was read with; charges of old have none."""
    intent = wire.get("payment_intent")
    return [intent_fact(intent, account, as_of)] if isinstance(intent, dict) else []
