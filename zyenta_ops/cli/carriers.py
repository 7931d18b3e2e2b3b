"""`zyenta-ops carriers …`: which carrier a tracking number is of."""

from __future__ import annotations

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import print_table
from zyenta_ops.domain.carriers import Confidence, detect
from zyenta_ops.domain.names import country_code

_SAYS = {Confidence.CHECKED: "check character is right", Confidence.PATTERN: "looks like one"}


@click.group("carriers", cls=Commands)
def carriers() -> None:
    """Those who bring parcels."""


@carriers.command("detect")
@click.argument("number")
@click.option("--country", metavar="CC", default="", help="Where the parcel goes, such as DE.")
@click.option("--hint", metavar="NAME", default="", help="The carrier as the supplier names it.")
@json_option
def detect_carrier(number: str, country: str, hint: str, as_json: bool) -> None:
    """Tell which carriers a tracking NUMBER may be of, likeliest first.

    Nobody is asked: forms and check characters of numbers are published. An unknown form has no
    carrier.
    """
    found = detect(number, country_code(country) if country else "", hint)

    def show() -> None:
        if not found:
            click.echo("No carrier that is known gives such numbers.")
            return
        print_table(
            ("Carrier", "Service", "From", "What speaks for it"),
            (
                (each.carrier.name, each.service, each.origin, _SAYS[each.confidence])
                for each in found
            ),
        )

    answer(found, as_json, show)
