"""`zyenta-ops sandbox pay …`: what customers and banks do at a sandbox that is running.

ORDER is an order of ours, by its id or STORE:NUMBER.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Final

import click

from zyenta_ops.cli.output import answer, json_option
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import Order

_SECONDS: Final = 10
_HOW: Final = ("pay", "authorize", "bank", "bank_fails", "decline", "leave", "review")
_OUTCOMES: Final = ("won", "lost", "warning_closed")

_where = click.option("--sandbox", "url", help="Its address.  [default: ZYENTA_SANDBOX_URL]")
_of_order = click.argument("order", metavar="ORDER")


@click.command()
@_of_order
@click.option("--how", type=click.Choice(_HOW), default="pay", show_default=True)
@click.option("--checkout", is_flag=True, help="On a page of Stripe's.")
@_where
@json_option
@click.pass_obj
def pay(
    wiring: Wiring, order: str, how: str, checkout: bool, url: str | None, as_json: bool
) -> None:
    """Let the customer pay for an order, or try to."""
    found = _order(wiring, order)
    asked = {
        "order": found.id,
        "store": found.store_id,
        "amount": _charged(found, found.amounts.total_minor),
        "currency": found.currency.lower(),
        "how": how,
        "through": "session" if checkout else "payment_intent",
    }
    _tell(wiring, "pay_order", _on_account(wiring, found, asked), url, as_json)


@click.command()
@_of_order
@click.option("--reason", default="fraudulent", show_default=True)
@click.option("--inquiry", is_flag=True, help="A question that takes no money yet.")
@_where
@json_option
@click.pass_obj
def dispute(
    wiring: Wiring, order: str, reason: str, inquiry: bool, url: str | None, as_json: bool
) -> None:
    """Let the customer dispute the payment of an order."""
    _of(wiring, "dispute", order, url, as_json, reason=reason, inquiry=inquiry)


@click.command()
@_of_order
@click.argument("dispute", metavar="DISPUTE")
@click.argument("outcome", type=click.Choice(_OUTCOMES))
@_where
@json_option
@click.pass_obj
def settle(
    wiring: Wiring, order: str, dispute: str, outcome: str, url: str | None, as_json: bool
) -> None:
    """Let the bank decide a dispute of an order, by its id at Stripe."""
    asked = {"dispute": dispute, "outcome": outcome}
    _tell(wiring, "close_dispute", _on_account(wiring, _order(wiring, order), asked), url, as_json)


@click.command()
@_of_order
@click.option("--amount-minor", type=click.IntRange(min=1), help="[default: what is left]")
@_where
@json_option
@click.pass_obj
def refund(
    wiring: Wiring, order: str, amount_minor: int | None, url: str | None, as_json: bool
) -> None:
    """Refund an order in Stripe's dashboard, past us."""
    found = _order(wiring, order)
    amount = None if amount_minor is None else _charged(found, amount_minor)
    _of(wiring, "refund", order, url, as_json, amount=amount)


@click.command()
@_of_order
@_where
@json_option
@click.pass_obj
def warn(wiring: Wiring, order: str, url: str | None, as_json: bool) -> None:
    """Let the card's issuer warn of fraud."""
    _of(wiring, "warn", order, url, as_json)


@click.command()
@_of_order
@_where
@json_option
@click.pass_obj
def review(wiring: Wiring, order: str, url: str | None, as_json: bool) -> None:
    """Put the payment of an order under review."""
    _of(wiring, "review", order, url, as_json)


@click.command()
@_of_order
@_where
@json_option
@click.pass_obj
def expire(wiring: Wiring, order: str, url: str | None, as_json: bool) -> None:
    """Let the page on which an order is to be paid run out of time."""
    _of(wiring, "expire", order, url, as_json)


@click.command()
@click.argument("email")
@click.argument("plan", type=click.Choice(("starter", "autopilot")))
@_where
@json_option
@click.pass_obj
def subscribe(wiring: Wiring, email: str, plan: str, url: str | None, as_json: bool) -> None:
    """Let somebody subscribe to a plan of the platform."""
    made = _ask(wiring, "subscribe", {"email": email, "lookup_key": plan}, url)
    next_step = f"`zyenta-ops account subscribe {email} {made['customer']}` makes it their plan"
    answer(made, as_json, lambda: click.echo(f"{made['id']} is {made['status']}; {next_step}."))


PAYERS: Final[tuple[click.Command, ...]] = (
    *(pay, dispute, settle, refund, warn, review, expire, subscribe),
)


def _order(wiring: Wiring, ref: str) -> Order:
    return wiring.operations().orders.show(ref).order


def _charged(order: Order, minor: int) -> int:
    from zyenta_ops.adapters.payments.stripe.amounts import to_stripe

    return to_stripe(Money(minor, order.currency))


def _on_account(wiring: Wiring, order: Order, asked: dict[str, Any]) -> dict[str, Any]:
    account = wiring.operations().payment_accounts.show(order.store_id).charged_on
    return asked | ({"account": account} if account else {})


def _of(
    wiring: Wiring, verb: str, ref: str, url: str | None, as_json: bool, **asked: object
) -> None:
    """What a verb does to the payment of an order."""
    order = _order(wiring, ref)
    _tell(wiring, verb, _on_account(wiring, order, {"name": order.id, **asked}), url, as_json)


def _tell(wiring: Wiring, verb: str, asked: dict[str, Any], url: str | None, as_json: bool) -> None:
    made = _ask(wiring, verb, asked, url)
    state = made.get("status") or ("open" if made.get("open") else made["object"])
    show: Callable[[], None] = lambda: click.echo(f"{made['id']} is {state}.")  # noqa: E731
    answer(made, as_json, show)


def _ask(wiring: Wiring, verb: str, asked: dict[str, Any], url: str | None) -> dict[str, Any]:
    base = (url or wiring.settings.sandbox_url).rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise click.UsageError("--sandbox is an address such as http://127.0.0.1:8900")
    request = urllib.request.Request(  # noqa: S310, no other schemes get here
        f"{base}/_sandbox/stripe/{verb}",
        json.dumps(asked).encode(),
        {"Content-Type": "application/json"},
    )
    # No proxy of the environment stands between us and this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_SECONDS) as found:
            made: dict[str, Any] = json.load(found)
            return made
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(f"the sandbox refuses: {_reason(error.read())}") from None
    except (OSError, ValueError):
        raise Refused(f"no sandbox answers at {base}; start it with `zyenta-ops sandbox`") from None


def _reason(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return "it gives no reason"
