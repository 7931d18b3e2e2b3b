"""`zyenta-ops carriers detect`."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.settings import Settings


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["carriers", "detect", *arguments], obj=Wiring(Settings()))


def test_carriers_are_shown_likeliest_first() -> None:
    result = run("9261292700768711948021", "--country", "us", "--hint", "FedEx SmartPost")

    assert result.exit_code == 0, result.output
    assert result.output.index("FedEx") < result.output.index("USPS")
    assert "check character is right" in result.output


def test_a_program_gets_one_document() -> None:
    result = run("rb 473 124 829 gb", "--json")

    assert json.loads(result.output) == [
        {
            "carrier": {"code": "royal-mail", "name": "Royal Mail"},
            "service": "registered letter",
            "confidence": "CHECKED",
            "origin": "GB",
        }
    ]


def test_an_unknown_form_has_no_carrier_and_is_no_failure() -> None:
    assert run("HELLO").output == "No carrier that is known gives such numbers.\n"
    assert json.loads(run("9" * 10_000, "--json").output) == []
    assert run("HELLO").exit_code == 0


def test_a_country_that_is_none_is_refused() -> None:
    result = run("3318810025", "--country", "XX")

    assert result.exit_code == 1
    assert "XX" in result.output
