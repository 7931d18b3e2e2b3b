"""Commands about price decisions: see what waits, approve, decline, look back.

`COMMANDS` belong to the group `zyenta-ops price`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click

from zyenta_ops.cli.output import answer, json_option
from zyenta_ops.cli.tables import cell, print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.operations.pricing import Approvals
from zyenta_ops.ports.pricing import ListedDecision


@click.command()
@click.option("--store", metavar="REF", help="Of this store alone; an id or subdomain.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@json_option
@click.pass_obj
def pending(wiring: Wiring, store: str | None, limit: int, as_json: bool) -> None:
    """List prices that wait for a person, oldest first."""
    decisions = wiring.operations().pricing.pending(store, limit)
    answer(decisions, as_json, lambda: _show_pending(decisions, limit))


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All waiting prices of --store.")
@click.option("--store", metavar="REF", help="The store of --all; an id or subdomain.")
@json_option
@click.pass_obj
def approve(
    wiring: Wiring, ids: tuple[str, ...], everything: bool, store: str | None, as_json: bool
) -> None:
    """Put waiting prices on sale: the decisions ID..., or --all of a --store.

    Blocked prices are approved by their IDs alone.
    """
    if everything == bool(ids) or everything != (store is not None):
        raise click.UsageError("Give the IDs of decisions, or --all and a --store.")
    pricing = wiring.operations().pricing
    if store is not None:
        done = pricing.approve_all(store)
        answer(done, as_json, lambda: _show_approvals(done))
        return
    approved: list[ListedDecision] = []
    try:
        for decision_id in ids:
            approved.append(pricing.approve(decision_id))
    finally:
        # What was approved before one was refused is on sale, and must be seen.
        if approved:
            answer(approved, as_json, lambda: _show_approved(approved))


@click.command()
@click.argument("decision_id", metavar="ID")
@click.option("--note", default="", help="Why, for whoever asks later.")
@json_option
@click.pass_obj
def decline(wiring: Wiring, decision_id: str, note: str, as_json: bool) -> None:
    """Keep the price on sale instead of the waiting one of decision ID."""
    declined = wiring.operations().pricing.decline(decision_id, note)
    decision = declined.decision
    answer(
        declined,
        as_json,
        lambda: click.echo(
            f"{cell(declined.product)} in {declined.store} stays at {cell(decision.published)}."
        ),
    )


@click.command()
@click.argument("variant")
@click.option("--store", metavar="REF", help="Where several stores have it; an id or subdomain.")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True)
@json_option
@click.pass_obj
def history(wiring: Wiring, variant: str, store: str | None, limit: int, as_json: bool) -> None:
    """Show the newest price decisions about a variant, with every step.

    VARIANT is its id, its SKU, its product when that has no other, or the id of a decision.
    """
    decisions = wiring.operations().pricing.explain_variant(variant, store, limit)
    answer(decisions, as_json, lambda: _show_history(decisions))


COMMANDS: Final = (pending, approve, decline, history)


def _show_pending(decisions: Sequence[ListedDecision], limit: int) -> None:
    if not decisions:
        click.echo("No price waits for a person.")
        return
    print_table(
        ("Id", "Store", "Product", "Variant", "Status", ">Agreed", ">On sale", ">Proposed", "Why"),
        (
            (
                each.decision.id,
                each.store,
                each.product,
                each.variant,
                each.decision.status,
                each.decision.previous,
                each.decision.published,
                each.decision.price,
                each.decision.reason,
            )
            for each in decisions
        ),
    )
    if len(decisions) == limit:
        click.echo(f"These are the oldest {limit}; there may be more (--limit).")


def _show_approvals(done: Approvals) -> None:
    click.echo(f"{done.approved} prices of {done.store} are on sale now.")
    if done.outdated:
        click.echo(f"{done.outdated} were out of date; the next pricing run decides them anew.")


def _show_approved(approved: Sequence[ListedDecision]) -> None:
    for each in approved:
        click.echo(f"{cell(each.product)} in {each.store} sells at {each.decision.price} now.")


def _show_history(decisions: Sequence[ListedDecision]) -> None:
    if not decisions:
        click.echo("The variant has not been priced yet.")
        return
    newest = decisions[0]
    click.echo(
        f"{cell(newest.product)}, {cell(newest.variant)} in {newest.store}:"
        f" variant {newest.decision.variant_id}"
    )
    for each in decisions:
        decision = each.decision
        click.echo(
            f"\n{cell(decision.decided_at)}  {decision.status}  {decision.id}\n"
            f"{cell(decision.previous)} -> {cell(decision.price)}; {cell(decision.reason)}"
        )
        if decision.settled_at is not None:
            note = f": {cell(decision.note)}" if decision.note else ""
            click.echo(f"settled {cell(decision.settled_at)}{note}")
        print_table(
            ("Step", "How", f">{decision.currency}"),
            ((step.name, step.detail, step.amount) for step in decision.steps),
        )
