"""`zyenta-ops store …`: add stores, look at them, and change how they are run."""

from __future__ import annotations

from collections.abc import Callable

import click

from zyenta_ops.cli import storefronts
from zyenta_ops.cli.documents import read_json
from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import document_fields, print_fields, print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.entitlements import frequency_within
from zyenta_ops.domain.stores import Document, Store, SyncFrequency
from zyenta_ops.ports.payments import ChargeModel, PaymentAccount

_MODEL = click.Choice([each.value for each in ChargeModel], case_sensitive=False)
_FREQUENCY = click.Choice([each.value for each in SyncFrequency], case_sensitive=False)


@click.group("store", cls=Commands)
def store() -> None:
    """Stores: who owns them, what they sell in, how they are run. REF is an id or subdomain."""


@store.command()
@click.argument("name")
@click.option("--email", required=True, help="The owner's address; alerts go there.")
@click.option("--currency", required=True, help="What the store sells in, ISO 4217, such as EUR.")
@click.option("--country", required=True, help="Where it ships to, ISO 3166, such as DE.")
@click.option("--owner", help="The owner's name, for a new address.")
@click.option("--subdomain", help="Instead of one made from the name.")
@click.option("--frequency", type=_FREQUENCY, default="standard", show_default=True)
@click.option("--strategy", metavar="JSON|FILE", help="How it prices; see `price explain`.")
@click.option("--alerts", metavar="JSON|FILE", help="What its owner is told of.")
@json_option
@click.pass_obj
def add(
    wiring: Wiring,
    name: str,
    email: str,
    currency: str,
    country: str,
    owner: str | None,
    subdomain: str | None,
    frequency: str,
    strategy: str | None,
    alerts: str | None,
    as_json: bool,
) -> None:
    """Add a store, and its owner when the address is new."""
    added = wiring.operations().stores.add(
        name=name,
        email=email,
        owner_name=owner,
        currency=currency,
        country=country,
        subdomain=subdomain,
        frequency=SyncFrequency(frequency),
        strategy=read_json(strategy, "the strategy") if strategy else None,
        preferences=read_json(alerts, "the preferences") if alerts else None,
    )
    answer(added, as_json, lambda: click.echo(f"Added the store {added.subdomain} ({added.id})."))


@store.command("list")
@json_option
@click.pass_obj
def list_stores(wiring: Wiring, as_json: bool) -> None:
    """List all stores."""
    stores = wiring.operations().stores.list()
    answer(stores, as_json, lambda: _show_list(stores))


@store.command()
@click.argument("ref")
@json_option
@click.pass_obj
def show(wiring: Wiring, ref: str, as_json: bool) -> None:
    """Show one store."""
    found = wiring.operations().stores.show(ref)
    answer(found, as_json, lambda: _show(found))


@store.command()
@click.argument("ref")
@json_option
@click.pass_obj
def pause(wiring: Wiring, ref: str, as_json: bool) -> None:
    """Leave a store as it is until it is resumed."""
    _report(wiring.operations().stores.pause(ref), as_json)


@store.command()
@click.argument("ref")
@json_option
@click.pass_obj
def resume(wiring: Wiring, ref: str, as_json: bool) -> None:
    """Keep a store in sync again."""
    _report(wiring.operations().stores.resume(ref), as_json)


@store.command()
@click.argument("ref")
@click.confirmation_option(prompt="A closed store stays closed. Close it?")
@json_option
@click.pass_obj
def close(wiring: Wiring, ref: str, as_json: bool) -> None:
    """Give a store up for good; its history stays."""
    _report(wiring.operations().stores.close(ref), as_json)


@store.command()
@click.argument("ref")
@click.argument("frequency", type=_FREQUENCY)
@json_option
@click.pass_obj
def frequency(wiring: Wiring, ref: str, frequency: str, as_json: bool) -> None:
    """Set how often a store is synced: high every 15 minutes, standard hourly."""
    changed = wiring.operations().stores.set_frequency(ref, SyncFrequency(frequency))
    answer(
        changed,
        as_json,
        lambda: click.echo(f"{changed.subdomain} is synced at {changed.sync_frequency}."),
    )


@store.command()
@click.argument("ref")
@click.argument("document", metavar="[JSON|FILE]", required=False)
@json_option
@click.pass_obj
def strategy(wiring: Wiring, ref: str, document: str | None, as_json: bool) -> None:
    """Show how a store prices, or replace it by a JSON document."""
    stores = wiring.operations().stores
    _document(ref, document, as_json, stores.show, stores.set_strategy, "pricing_strategy")


@store.command()
@click.argument("ref")
@click.argument("document", metavar="[JSON|FILE]", required=False)
@json_option
@click.pass_obj
def alerts(wiring: Wiring, ref: str, document: str | None, as_json: bool) -> None:
    """Show what a store's owner is told of, or replace it by a JSON document."""
    stores = wiring.operations().stores
    _document(ref, document, as_json, stores.show, stores.set_preferences, "alert_preferences")


@store.command()
@click.argument("ref")
@click.argument("document", metavar="[JSON|FILE]", required=False)
@json_option
@click.pass_obj
def purchases(wiring: Wiring, ref: str, document: str | None, as_json: bool) -> None:
    """Show how far a store's orders are bought by themselves, or replace it by a JSON document."""
    stores = wiring.operations().stores
    _document(ref, document, as_json, stores.show, stores.set_policy, "automation_policy")


@store.command()
@click.argument("ref")
@click.option("--model", type=_MODEL, help="Whose account charges the customers.")
@click.option("--account", default="", metavar="acct_…", help="The store's connected account.")
@json_option
@click.pass_obj
def payments(wiring: Wiring, ref: str, model: str | None, account: str, as_json: bool) -> None:
    """Show through which Stripe account a store is paid, or say through which from now on.

    With `platform` our own account charges, with `destination` it charges and transfers to the
    store's connected account, with `direct` the store's account charges.
    """
    accounts = wiring.operations().payment_accounts
    if model is None and account:
        raise click.UsageError("--account needs --model")
    chosen = (
        accounts.show(ref)
        if model is None
        else accounts.choose(ref, ChargeModel(model.upper()), account)
    )
    answer(chosen, as_json, lambda: _show_payments(chosen))


store.add_command(storefronts.voice)
store.add_command(storefronts.webhook)


def _show_payments(chosen: PaymentAccount) -> None:
    state = "takes payments" if chosen.charges_enabled else "takes no payments"
    print_fields(
        [
            ("Model", chosen.charge_model),
            ("Account", chosen.external_id or "the platform's own"),
            ("State", "gives us no access" if chosen.deauthorized_at else state),
        ]
    )


def _document(
    ref: str,
    document: str | None,
    as_json: bool,
    show: Callable[[str], Store],
    change: Callable[[str, Document], Store],
    field: str,
) -> None:
    found = show(ref) if document is None else change(ref, read_json(document, "the document"))
    content = getattr(found, field)
    answer(content, as_json, lambda: print_fields(document_fields(content)))


def _report(changed: Store, as_json: bool) -> None:
    answer(changed, as_json, lambda: click.echo(f"{changed.subdomain} is {changed.status} now."))


def _show_list(stores: tuple[Store, ...]) -> None:
    if not stores:
        click.echo("No store has been added yet; see `zyenta-ops store add --help`.")
        return
    print_table(
        ("Store", "Name", "Owner", "Sells in", "Ships to", "Status", "Sync"),
        (
            (
                each.subdomain,
                each.name,
                each.account.email,
                each.currency,
                each.ship_to_country,
                each.status,
                _synced(each),
            )
            for each in stores
        ),
    )


def _synced(store: Store) -> SyncFrequency:
    return frequency_within(store.account.plan_tier, store.sync_frequency)


def _cadence(store: Store) -> str:
    synced, asked = _synced(store), store.sync_frequency
    return synced if synced is asked else f"{synced}, as the plan allows no {asked}"


def _show(found: Store) -> None:
    print_fields(
        [
            ("Store", found.subdomain),
            ("Id", found.id),
            ("Name", found.name),
            ("Owner", f"{found.account.name} <{found.account.email}>"),
            ("Plan", found.account.plan_tier),
            ("Sells in", found.currency),
            ("Ships to", found.ship_to_country),
            ("Status", found.status),
            ("Sync", _cadence(found)),
            ("Added", found.created_at),
            *document_fields(found.pricing_strategy, "Pricing: "),
            *document_fields(found.alert_preferences, "Alerts: "),
            *document_fields(found.automation_policy, "Purchases: "),
            *document_fields(found.voice, "Voice: "),
        ]
    )
