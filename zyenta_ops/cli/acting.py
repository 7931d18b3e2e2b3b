"""`zyenta-ops orders act` and `orders queue`: what waits for a person, and what a person does."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex
from typing import Any, Final

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import cell, print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.addresses import LONGEST
from zyenta_ops.domain.documents import moment_of
from zyenta_ops.domain.fulfillment import Verb
from zyenta_ops.domain.fulfillment.reasons import OF_THE_ORDER
from zyenta_ops.domain.fulfillment.wishes import Wish, spoken
from zyenta_ops.operations.fulfillment import Acted, Waiting

_ACTOR: Final = "cli"
Command = Callable[..., Any]


@click.group(cls=Commands)
def act() -> None:
    """Do something about an order that waits. REF is an order's id, or STORE:NUMBER.

    --dry-run says what would happen and changes nothing.
    """


@click.command()
@click.option("--store", "store_ref", metavar="REF", help="Of this store alone.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@click.pass_obj
def queue(wiring: Wiring, store_ref: str | None, limit: int, as_json: bool) -> None:
    """List what waits for a person, the longest waiting first."""
    found = wiring.operations().queue.listed(store_ref, limit)
    answer(found, as_json, lambda: _show_queue(found, limit))


def _verb(verb: Verb, help_text: str, *options: Command) -> None:
    """Add the command of a verb."""

    def run(
        wiring: Wiring,
        ref: str,
        by: str,
        key: str | None,
        dry_run: bool,
        as_json: bool,
        **given: Any,
    ) -> None:
        wish = Wish(verb, **given)
        acted = wiring.operations().operators.act(
            ref, wish, by, key or f"cli:{token_hex(12)}", rehearse=dry_run
        )
        answer(acted, as_json, lambda: _show(acted))

    own: list[Command] = [click.argument("ref"), *options]
    if verb not in OF_THE_ORDER:
        own.append(
            click.option("--of", "which", type=int, help="The number of the supplier order.")
        )
    if verb is not Verb.NOTE:
        own.append(click.option("--note", default="", help="Why; kept with the order."))
    own += [
        click.option("--by", default=_ACTOR, show_default=True, help="Who does it."),
        click.option("--key", metavar="KEY", help="The same key does it once."),
        click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing."),
        json_option,
    ]
    command: Command = click.pass_obj(run)
    for each in reversed(own):
        command = each(command)
    name = spoken(verb).replace(" ", "-")
    act.command(name, help=help_text)(command)


def _moment(context: click.Context, option: click.Parameter, text: str) -> object:
    moment = moment_of(text)
    if moment is None:
        raise click.BadParameter(f"'{text}' is not a time with its zone, such as 2026-11-30T12:00Z")
    return moment


def _units(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> tuple[tuple[str, int], ...]:
    found = []
    for text in texts:
        item, _, quantity = text.rpartition(":")
        if not item or not quantity.isdecimal() or int(quantity) < 1:
            raise click.BadParameter(f"'{text}' is not ID:QTY")
        found.append((item, int(quantity)))
    return tuple(found)


def _fields(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in LONGEST:
            raise click.BadParameter(f"write FIELD=VALUE; fields are {', '.join(LONGEST)}")
        found[name] = value
    return found


_DONE: Final = click.option(
    "--done", is_flag=True, help="It was cancelled on the supplier's site, or is given up."
)
_verb(Verb.RETRY, "Go on where it was, at once and with fresh patience.")
_verb(
    Verb.RETRY_OTHER_SUPPLIER,
    "Buy it from another supplier that has the same variants.",
    click.option("--supplier", default="", metavar="KEY", help="From this one."),
)
_verb(
    Verb.REMAP_VARIANT,
    "Buy an item as another offer; in this order alone.",
    click.option("--item", required=True, metavar="ID"),
    click.option("--offer", required=True, metavar="SUPPLIER:PRODUCT:VARIANT"),
)
_verb(
    Verb.SPLIT,
    "Buy some units by a supplier order of their own.",
    click.option(
        "--item", "units", multiple=True, required=True, metavar="ID:QTY", callback=_units
    ),
)
_verb(
    Verb.MARK_PLACED,
    "Say that the supplier has it, and what it is called there.",
    click.argument("references", nargs=-1, required=True),
)
_verb(Verb.CONFIRM_NOT_PLACED, "Say that the supplier does not have it; it is placed again.")
_verb(Verb.MARK_PAID, "Say that it was paid on the supplier's site.")
_verb(Verb.REORDER, "Buy the same once more; what came before is given up.")
_verb(Verb.CANCEL, "Buy it no more, or have the supplier take it back.", _DONE)
_verb(Verb.CANCEL_AND_REFUND, "The same, and give the customer the money back.", _DONE)
_verb(
    Verb.ADD_TRACKING,
    "Enter the number of a parcel.",
    click.argument("number"),
    click.option("--carrier", default=""),
    click.option("--url", default="", help="Where the parcel is followed."),
    click.option("--partial", is_flag=True, help="More parcels will follow."),
)
_verb(Verb.MARK_DELIVERED, "Say that it has arrived.")
_verb(
    Verb.EDIT_ADDRESS,
    "Change the address of what is not placed yet.",
    click.option(
        "--set", "address", multiple=True, required=True, metavar="FIELD=VALUE", callback=_fields
    ),
)
_verb(
    Verb.APPROVE,
    "End a hold: buy all the same.",
    click.option(
        "--hold", "holds", multiple=True, metavar="SOURCE", help="Which one, or 'all' of them."
    ),
)
_verb(
    Verb.SNOOZE,
    "Keep it out of the queue for a while.",
    click.option(
        "--until", required=True, metavar="TIME", callback=_moment, help="ISO 8601 with zone."
    ),
)
_verb(
    Verb.ASSIGN,
    "Say who takes care of it.",
    click.option("--to", default="", help="Nobody, unless given."),
)
_verb(Verb.NOTE, "Write something into the timeline.", click.argument("note"))


def _show(acted: Acted) -> None:
    where = "" if acted.which is None else f", supplier order {acted.which}"
    would = "Would be done" if acted.rehearsed else "Done"
    done = "Done before" if acted.repeated else would
    click.echo(
        cell(
            f"{done} to order {acted.number}{where}: {spoken(acted.verb)}; {'; '.join(acted.says)}"
        )
    )
    if acted.stage:
        click.echo(cell(f"It is {acted.stage}: {acted.next}"))


def _show_queue(found: tuple[Waiting, ...], limit: int) -> None:
    if not found:
        click.echo("Nothing waits for a person.")
        return
    print_table(
        ("Order", "Of", "Reason", "Since", "Who", "Why"),
        (
            (
                f"{each.store}:{each.number}",
                each.which,
                each.reason,
                each.since,
                each.assigned_to,
                each.why,
            )
            for each in found
        ),
    )
    for each in found:
        verbs = ", ".join(spoken(verb).replace(" ", "-") for verb in each.verbs)
        click.echo(cell(f"{each.store}:{each.number} {each.reason}: {verbs}"))
    if len(found) == limit:
        click.echo("There may be more; --limit shows them.")
