"""`zyenta-ops products …`: bring suppliers' offers into a store and decide about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import money_range, print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.alerts.wording import quantity
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.products import (
    FIRST_STATUSES,
    ImportReport,
    OfferFilter,
    Product,
    Variant,
)
from zyenta_ops.domain.stores import ProductStatus
from zyenta_ops.domain.sweeps import SweepStatus

if TYPE_CHECKING:
    from zyenta_ops.operations.catalog import SweepReport

_MOST_SHOWN_REJECTIONS = 20


def amount(text: str) -> Decimal:
    """An amount of money in major units, as an option's type."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise click.BadParameter(f"'{text}' is not an amount such as 12.50") from None


@click.group("products", cls=Commands)
def products() -> None:
    """What stores sell. REF is a product's id or its supplier's reference."""


@products.command("import")
@click.option("--store", "store_ref", required=True, metavar="REF", help="Id or subdomain.")
@click.option("--supplier", "supplier_key", required=True, metavar="KEY")
@click.option("--all", "everything", is_flag=True, help="All that the supplier offers.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    help="A CSV or TSV file with a column product_ref.",
)
@click.option("--ref", "refs", multiple=True, metavar="REF", help="This product; repeatable.")
@click.option("--title", default="", metavar="TEXT", help="Titles that hold this text.")
@click.option("--cost-from", type=amount, help="Unit cost in the supplier's currency.")
@click.option("--cost-to", type=amount, help="Unit cost in the supplier's currency.")
@click.option("--in-stock", is_flag=True, help="Only what can be bought now.")
@click.option(
    "--status",
    type=click.Choice([each.value for each in FIRST_STATUSES], case_sensitive=False),
    default="active",
    show_default=True,
    help="What new products begin as.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many products.")
@json_option
@click.pass_obj
def import_products(
    wiring: Wiring,
    store_ref: str,
    supplier_key: str,
    everything: bool,
    path: Path | None,
    refs: tuple[str, ...],
    title: str,
    cost_from: Decimal | None,
    cost_to: Decimal | None,
    in_stock: bool,
    status: str,
    limit: int | None,
    as_json: bool,
) -> None:
    """Bring offers of a supplier into a store; what is there already stays as it is.

    A supplier with an API is asked about each --ref at once, and from then on in every sync.
    """
    wanted = OfferFilter(refs, title, cost_from, cost_to, in_stock)
    filtered = wanted != OfferFilter()
    if everything + (path is not None) + filtered != 1:
        raise click.UsageError("say what to import: --all, or --file, or at least one filter")
    if path is not None and limit is not None:
        raise click.UsageError("--limit does not go with --file")
    operations = wiring.operations()
    operations.stores.show(store_ref)
    if not operations.suppliers.show(supplier_key).kind.has_api:
        sweep = operations.catalog.sweep_if_never(supplier_key)
        if sweep is not None:
            _show_first_sweep(sweep, quiet=as_json)
    elif refs:
        operations.items.watch(supplier_key, refs)
        sweep = operations.catalog.sweep(supplier_key, product_refs=refs)
        _refuse_unanswered(sweep, refs)
    first = ProductStatus(status)
    report = (
        operations.products.import_from_file(store_ref, supplier_key, path, status=first)
        if path is not None
        else operations.products.import_from_catalogue(
            store_ref, supplier_key, wanted, status=first, limit=limit
        )
    )
    answer(report, as_json, lambda: _show_report(report))


@products.command("list")
@click.option("--store", "store_ref", required=True, metavar="REF", help="Id or subdomain.")
@click.option(
    "--status", type=click.Choice([each.value for each in ProductStatus], case_sensitive=False)
)
@click.option("--variants", is_flag=True, help="A line for each variant, with its id.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@click.pass_obj
def list_products(
    wiring: Wiring, store_ref: str, status: str | None, variants: bool, limit: int, as_json: bool
) -> None:
    """List a store's products with stock, cost and price."""
    chosen = ProductStatus(status) if status else None
    found = wiring.operations().products.list(store_ref, chosen, limit)
    answer(found, as_json, lambda: _show_list(found, store_ref, variants, limit))


def _decision(verb: str, says: str) -> None:
    @products.command(verb, help=says)
    @click.argument("ref")
    @click.option("--store", "store_ref", metavar="REF", help="Where several stores have it.")
    @json_option
    @click.pass_obj
    def command(wiring: Wiring, ref: str, store_ref: str | None, as_json: bool) -> None:
        decide = getattr(wiring.operations().products, verb.replace("-", "_"))
        decided: Product = decide(ref, store_ref)
        answer(decided, as_json, lambda: _show_decided(decided))


_decision("hold", "Hide a product until it is released; no sweep brings it back.")
_decision("release", "Put a held, archived or draft product back on sale.")
_decision("archive", "Retire a product.")
_decision("lock-price", "Keep a product's prices as they are whatever its costs do.")
_decision("unlock-price", "Let a product's prices follow its costs again.")


def _show_first_sweep(sweep: SweepReport, *, quiet: bool) -> None:
    if sweep.status is SweepStatus.QUARANTINED:
        raise Refused(
            f"the catalogue of '{sweep.supplier_key}' is not believed:"
            f" {'; '.join(sweep.reasons)}; see `zyenta-ops quarantine show {sweep.supplier_key}`"
        )
    if not quiet:
        click.echo(
            f"Read the catalogue of {sweep.supplier_key} for the first time:"
            f" {quantity(sweep.counts.offers, 'offer')}, {sweep.counts.rejected} rejected."
        )


def _refuse_unanswered(sweep: SweepReport, refs: tuple[str, ...]) -> None:
    """Products of an API that could not be read, or are not there, cannot be imported."""
    counts = sweep.counts
    if counts.offers:
        return
    if counts.asked and not counts.unanswered:
        raise Refused(
            f"'{sweep.supplier_key}' knows no product {' or '.join(refs)}; check the reference"
        )
    if counts.unanswered:
        first = sweep.rejections[0]
        raise Refused(
            f"'{sweep.supplier_key}' did not answer for {first.reference}: {first.reason};"
            " it is asked again in the next sync, then import again"
        )


def _show_report(report: ImportReport) -> None:
    click.echo(
        f"Imported {quantity(report.products_added, 'product')}"
        f" with {quantity(report.variants_added, 'new variant')};"
        f" {quantity(report.products_kept, 'product')} and"
        f" {quantity(report.variants_kept, 'variant')} were there already."
    )
    if not report.rejected:
        return
    click.echo(f"{quantity(report.rejected, 'line')} could not be imported:")
    shown = report.rejections[:_MOST_SHOWN_REJECTIONS]
    print_table(
        (">Line", "Product", "Reason"), ((each.line, each.reference, each.reason) for each in shown)
    )
    if report.rejected > len(shown):
        click.echo(f"… and {report.rejected - len(shown)} more; --json lists them.")


def _show_list(found: tuple[Product, ...], store_ref: str, by_variant: bool, limit: int) -> None:
    if not found:
        click.echo(f"{store_ref} has no such products.")
        return
    (_print_variants if by_variant else _print_products)(found)
    if len(found) == limit:
        click.echo(f"The first {quantity(limit, 'product')} by title; --limit shows more.")


def _print_products(found: Iterable[Product]) -> None:
    print_table(
        ("Product", "Title", "Status", ">Variants", ">Stock", ">Cost", ">Price"),
        (
            (
                each.product_ref,
                each.title,
                each.status,
                len(each.variants),
                _stock(each.variants),
                money_range(variant.cost for variant in each.variants),
                money_range(variant.price for variant in each.variants)
                + (" (locked)" if each.price_locked else ""),
            )
            for each in found
        ),
    )


def _print_variants(found: Iterable[Product]) -> None:
    print_table(
        ("Variant id", "Product", "Title", "SKU", ">Stock", ">Cost", ">Price"),
        (
            (
                variant.id,
                each.product_ref,
                variant.title,
                variant.sku,
                _stock([variant]),
                variant.cost,
                variant.price,
            )
            for each in found
            for variant in each.variants
        ),
    )


def _stock(variants: Sequence[Variant]) -> str:
    """Units that can be sold; "12+" when some variants do not say, "-" before the first sync."""
    synced = [variant for variant in variants if variant.availability is not None]
    if not synced:
        return "-"
    known = [variant.published_stock for variant in synced if variant.published_stock is not None]
    if not known:
        return "unknown"
    return f"{sum(known)}" + ("+" if len(known) < len(synced) else "")


def _show_decided(decided: Product) -> None:
    price = "is locked" if decided.price_locked else "follows its cost"
    click.echo(f"{decided.product_ref} is {decided.status}; its price {price}.")
