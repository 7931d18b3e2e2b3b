"""What customers, banks, issuers and people in the dashboard do, for tests and for people.

Payments of orders carry `order_id` and `store` in their metadata, as our side writes them.
"""

from __future__ import annotations

from datetime import timedelta

from zyenta_ops.sandbox.stripe import (
    accounts,
    attempts,
    checkout,
    customers,
    cycles,
    disputes,
    entitlements,
    fraud,
    payment_intents,
    payment_methods,
    products,
    refunds,
    webhooks,
)
from zyenta_ops.sandbox.stripe.gateway import PLATFORM, Stripe
from zyenta_ops.sandbox.stripe.ledger import Document, Ledger
from zyenta_ops.sandbox.stripe.params import Params

_BUYER = "buyer@example.com"
# What pays; nothing does where the customer leaves the page.
_WAYS = {
    "authorize": "pm_card_visa",
    "leave": "",
    "pay": "pm_card_visa",
    "decline": "pm_card_chargeDeclined",
    "bank": "pm_usBankAccount_success",
    "bank_fails": "pm_usBankAccount_accountClosed",
    "review": "pm_card_riskLevelElevated",
}
PAYMENTS = tuple(_WAYS)
THROUGH = ("payment_intent", "session")


class Drivers:
    """The world around Stripe. What is returned is the object itself and goes on changing.

    Every method that names an object takes the id of a PaymentIntent, a charge, a Checkout
    Session or an order where it makes sense, and `account` where it is not the platform's.

    Raises:
        ValueError: there is no such object or account, or it cannot be done; says why.
    """

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe

    def pay_order(
        self,
        order: str,
        store: str,
        amount: int,
        currency: str,
        *,
        how: str = "pay",
        through: str = "payment_intent",
        account: str = PLATFORM,
    ) -> Document:
        """Let a customer pay for an order; the PaymentIntent or the session afterwards.

        What is open for the order and the amount is paid; when nothing is, it is made.

        Args:
            order: id of the order.
            store: id of the store.
            amount: in minor units.
            currency: as Stripe writes it, `usd`.
            how: one of `PAYMENTS`. `leave` goes as far as the page and pays nothing.
            through: one of `THROUGH`.
            account: the connected account that charges directly.
        """
        if how not in PAYMENTS:
            raise ValueError(f"how is one of {', '.join(PAYMENTS)}")
        if through not in THROUGH:
            raise ValueError(f"through is one of {', '.join(THROUGH)}")
        ledger = self._ledger(account)
        metadata = {"order_id": order, "store": store}
        manual = {"capture_method": "manual"} if how == "authorize" else {}
        if through == "session":
            payment = {"metadata": metadata, **manual}
            session = _open(ledger, "checkout.session", order, amount) or checkout.create(
                ledger, Params(_session(amount, currency, metadata, payment))
            )
            if method := _WAYS[how]:
                checkout.complete(ledger, session, method, _BUYER)
            return session
        fields = {"amount": str(amount), "currency": currency, "metadata": metadata, **manual}
        intent = _open(ledger, "payment_intent", order, amount) or payment_intents.create(
            ledger, Params(fields)
        )
        if method := _WAYS[how]:
            attempts.attempt(ledger, intent, payment_methods.method_of(ledger, method))
        return intent

    def authenticate(self, name: str, succeeds: bool = True, account: str = PLATFORM) -> Document:
        """Let the customer pass, or fail, the bank's authentication."""
        ledger = self._ledger(account)
        intent = self._intent(ledger, name)
        attempts.authenticate(ledger, intent, succeeds)
        return intent

    def conclude(self, name: str, succeeds: bool = True, account: str = PLATFORM) -> Document:
        """Let a payment that takes days end now."""
        ledger = self._ledger(account)
        intent = self._intent(ledger, name)
        attempts.conclude(ledger, intent, succeeds)
        return intent

    def complete(
        self, session: str, method: str = "pm_card_visa", account: str = PLATFORM
    ) -> Document:
        """Let the customer pay on the page of a session, and be declined where the card is."""
        ledger = self._ledger(account)
        found = ledger.get("checkout.session", session)
        checkout.complete(ledger, found, method, _BUYER)
        return found

    def expire(self, name: str, account: str = PLATFORM) -> Document:
        """Let the page of a session, or of an order, run out of time."""
        ledger = self._ledger(account)
        pages = ledger.all("checkout.session")
        found = next(
            (
                page
                for page in pages
                if page["status"] == "open"
                and name in (page["id"], page["metadata"].get("order_id"))
            ),
            None,
        )
        if found is None:
            raise ValueError(f"there is no open checkout {name}")
        return checkout.expire(ledger, Params({}), found["id"])

    def refund(self, name: str, amount: int | None = None, *, account: str = PLATFORM) -> Document:
        """Refund from the dashboard; everything that is left without an amount."""
        ledger = self._ledger(account)
        fields = {"charge": self._charge(ledger, name)["id"]}
        if amount is not None:
            fields["amount"] = str(amount)
        return refunds.create(ledger, Params(fields))

    def fail_refund(self, refund: str, account: str = PLATFORM) -> Document:
        """Let the bank send a refund back."""
        ledger = self._ledger(account)
        found = ledger.get("refund", refund)
        refunds.fail(ledger, found)
        return found

    def dispute(
        self,
        name: str,
        reason: str = "fraudulent",
        *,
        inquiry: bool = False,
        account: str = PLATFORM,
    ) -> Document:
        """Let the customer dispute a payment with their bank."""
        if reason not in disputes.REASONS:
            raise ValueError(f"reason is one of {', '.join(disputes.REASONS)}")
        ledger = self._ledger(account)
        charge = self._charge(ledger, name)
        return disputes.open_dispute(ledger, charge, reason, inquiry)

    def escalate(self, dispute: str, account: str = PLATFORM) -> Document:
        """Let an inquiry become a dispute that takes the money."""
        ledger = self._ledger(account)
        found = ledger.get("dispute", dispute)
        disputes.escalate(ledger, found)
        return found

    def close_dispute(self, dispute: str, outcome: str, account: str = PLATFORM) -> Document:
        """Let the bank decide: `won` and `lost` are ours, `warning_closed` ends an inquiry."""
        if outcome not in disputes.OUTCOMES:
            raise ValueError(f"outcome is one of {', '.join(disputes.OUTCOMES)}")
        ledger = self._ledger(account)
        found = ledger.get("dispute", dispute)
        disputes.close_dispute(ledger, found, outcome)
        return found

    def warn(self, name: str, account: str = PLATFORM) -> Document:
        """Let the issuer send an early fraud warning."""
        ledger = self._ledger(account)
        return fraud.warn(ledger, self._charge(ledger, name))

    def review(self, name: str, account: str = PLATFORM) -> Document:
        """Put a payment under review."""
        ledger = self._ledger(account)
        charge = self._charge(ledger, name)
        return fraud.open_review(ledger, charge, "manual")

    def close_review(
        self, review: str, reason: str = "approved", account: str = PLATFORM
    ) -> Document:
        """End a review."""
        if reason not in fraud.CLOSED_REASONS:
            raise ValueError(f"reason is one of {', '.join(fraud.CLOSED_REASONS)}")
        ledger = self._ledger(account)
        found = ledger.get("review", review)
        fraud.close_review(ledger, found, reason)
        return found

    def subscribe(
        self, email: str, lookup_key: str, amount: int = 2_900, *, trial_days: int = 0
    ) -> Document:
        """Let somebody subscribe to a feature, which is made with a product when it is new."""
        ledger = self._stripe.platform
        self._stripe.ledgers()
        price = self._price_of(ledger, lookup_key, amount)
        fields = {"email": email, "payment_method": "pm_card_visa"}
        customer = customers.create(ledger, Params(fields))
        held = [m for m in ledger.all("payment_method") if m["customer"] == customer["id"]]
        trial = trial_days or None
        return cycles.begin(ledger, customer, [(price, 1)], held[0]["id"], {}, trial)

    def set_subscription(self, subscription: str, status: str) -> Document:
        """Give a subscription another status, whatever brought it there."""
        if status not in cycles.STATUSES:
            raise ValueError(f"status is one of {', '.join(cycles.STATUSES)}")
        ledger = self._ledger(PLATFORM)
        found = ledger.get("subscription", subscription)
        cycles.set_status(ledger, found, status)
        return found

    def connect(self, email: str = "merchant@example.com") -> Document:
        """Connect an account; its ledger exists from now on."""
        made = accounts.create(self._stripe.platform, Params({"email": email}))
        self._stripe.ledgers()
        return made

    def restrict(self, account: str, enabled: bool = False) -> Document:
        """Stop an account's charges, or let them go on."""
        return accounts.restrict(self._ledger(account), enabled)

    def withdraw(self, account: str) -> Document:
        """Let an account deauthorise the platform: its key opens that account no more."""
        ledger = self._ledger(account)
        if account == PLATFORM:
            raise ValueError("the platform cannot withdraw from itself")
        self._stripe.withdrawn.add(account)
        return ledger.emit("account.application.deauthorized", accounts.application(ledger))

    def listen(
        self, url: str, events: list[str] | None = None, *, connect: bool = False
    ) -> Document:
        """Register a webhook endpoint; the answer shows its secret.

        Args:
            url: where events go.
            events: their types, all of them when none is named.
            connect: whether it hears of connected accounts instead of the platform.
        """
        fields = {
            "url": url,
            "enabled_events": {str(n): kind for n, kind in enumerate(events or ["*"])},
            "connect": str(connect).lower(),
        }
        return webhooks.create(self._stripe.platform, Params(fields))

    def roll_secret(self, endpoint: str, keep_hours: float = 24) -> str:
        """A new secret for an endpoint; the old one signs as well for a while."""
        ledger, keep = self._stripe.platform, timedelta(hours=keep_hours)
        return webhooks.roll(ledger, endpoint, keep)

    def _price_of(self, ledger: Ledger, lookup_key: str, amount: int) -> Document:
        for feature in ledger.all("product_feature"):
            if feature["entitlement_feature"]["lookup_key"] == lookup_key:
                product = ledger.notes[feature["id"]]["product"]
                return next(p for p in ledger.all("price") if p["product"] == product)
        named = {"name": lookup_key, "lookup_key": lookup_key}
        feature = entitlements.create(ledger, Params(named))
        data = {
            "unit_amount": str(amount),
            "product_data": {"name": lookup_key},
            "recurring": {"interval": "month"},
        }
        price = products.make_price(ledger, Params(data), "usd")
        attached = Params({"entitlement_feature": feature["id"]})
        entitlements.attach(ledger, attached, price["product"])
        return price

    def _ledger(self, account: str) -> Ledger:
        known = {ledger.account: ledger for ledger in self._stripe.ledgers()}
        if account not in known:
            raise ValueError(f"there is no account {account}")
        return known[account]

    def _intent(self, ledger: Ledger, name: str) -> Document:
        """The newest intent of that id, of the session, charge or order of that id."""
        found = ledger.find(name)
        if found and found["object"] in ("charge", "checkout.session"):
            found = ledger.find(found["payment_intent"] or "")
        if found is None:
            paid = ledger.all("payment_intent")
            found = next((i for i in paid if i["metadata"].get("order_id") == name), None)
        if found is None or found["object"] != "payment_intent":
            raise ValueError(f"there is no payment {name}")
        return found

    def _charge(self, ledger: Ledger, name: str) -> Document:
        charge = ledger.find(self._intent(ledger, name)["latest_charge"] or "")
        if charge is None or not charge["paid"]:
            raise ValueError(f"payment {name} has no charge that was paid")
        return charge


def _open(ledger: Ledger, kind: str, order: str, amount: int) -> Document | None:
    """What a customer could still pay for an order."""
    payable = {"open", *attempts.PAYABLE}
    waiting = (
        each
        for each in reversed(ledger.objects.get(kind, {}).values())
        if each["status"] in payable and each["metadata"].get("order_id") == order
    )
    sums = ((each, each.get("amount_total", each.get("amount"))) for each in waiting)
    return next((each for each, asked in sums if asked == amount), None)


def _session(amount: int, currency: str, metadata: dict[str, str], payment: Document) -> Document:
    data = {
        "currency": currency,
        "unit_amount": str(amount),
        "product_data": {"name": f"Order {metadata['order_id']}"},
    }
    return {
        "mode": "payment",
        "metadata": metadata,
        "payment_intent_data": payment,
        "line_items": {"0": {"price_data": data, "quantity": "1"}},
    }
