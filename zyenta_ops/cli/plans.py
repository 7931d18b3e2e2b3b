"""`zyenta-ops account …`: owners of stores, their plans, and what they use of them."""

from __future__ import annotations

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import print_fields, print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.stores import Account, PlanTier
from zyenta_ops.operations.plans import AccountPlan

_TIERS = click.Choice([each.value for each in PlanTier], case_sensitive=False)


@click.group(cls=Commands)
def account() -> None:
    """Owners of stores and their plans. REF is an id or e-mail address."""


@account.command("list")
@json_option
@click.pass_obj
def list_(wiring: Wiring, as_json: bool) -> None:
    """List all accounts."""
    found = wiring.operations().plans.list()
    answer(found, as_json, lambda: _print(found))


@account.command()
@click.argument("ref")
@json_option
@click.pass_obj
def show(wiring: Wiring, ref: str, as_json: bool) -> None:
    """Show an account's plan, who pays for it, and what is used of it."""
    found = wiring.operations().plans.show(ref)
    answer(found, as_json, lambda: _show(found))


@account.command("set-plan")
@click.argument("ref")
@click.argument("tier", type=_TIERS)
@json_option
@click.pass_obj
def set_plan(wiring: Wiring, ref: str, tier: str, as_json: bool) -> None:
    """Put an account that nobody is billed for on a plan."""
    changed = wiring.operations().plans.set_by_hand(ref, PlanTier(tier.upper()))
    answer(
        changed, as_json, lambda: click.echo(f"{changed.email} is on the {changed.plan_tier} plan.")
    )


@account.command()
@click.argument("ref")
@click.argument("customer", metavar="CUSTOMER_ID")
@json_option
@click.pass_obj
def subscribe(wiring: Wiring, ref: str, customer: str, as_json: bool) -> None:
    """Say which Stripe customer (cus_…) pays for an account; its plan follows from then on."""
    found = wiring.operations().plans.subscribe(ref, customer)
    answer(found, as_json, lambda: _show(found))


def _print(found: list[Account]) -> None:
    print_table(
        ("Id", "Address", "Name", "Plan"),
        ((each.id, each.email, each.name, each.plan_tier) for each in found),
    )


def _show(found: AccountPlan) -> None:
    payer = found.subscriber
    print_fields(
        [
            ("Id", found.account.id),
            ("Address", found.account.email),
            ("Name", found.account.name),
            ("Plan", found.account.plan_tier),
            ("Paid by", payer.customer_id if payer else "nobody"),
            ("Subscription", payer.status if payer else None),
            ("Kept until", payer.grace_until if payer else None),
            ("Entitled to", ", ".join(found.lookup_keys)),
        ]
    )
    click.echo()
    print_table(
        ("Feature", ">Used", ">Included"),
        (
            (each.feature, each.used, "no limit" if each.limit is None else each.limit)
            for each in found.usage
        ),
    )
