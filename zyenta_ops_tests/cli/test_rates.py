import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from zyenta_ops.adapters.rates import open_ecb_rates
from zyenta_ops.cli.rates import fx
from zyenta_ops.operations.rates import Rates
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.adapters.rates.test_ecb import DAILY, HISTORY, never
from zyenta_ops_tests.conftest import FixedClock


@pytest.fixture
def rates(sqlite_database: Database) -> Rates:
    clock = FixedClock(datetime(2026, 11, 21, 9, 0, tzinfo=UTC))
    return Rates(sqlite_database, clock, lambda location: open_ecb_rates(location, never))


def call(rates: Rates, *arguments: str) -> Result:
    operations = SimpleNamespace(rates=rates)
    wiring = SimpleNamespace(operations=lambda: operations)
    return CliRunner().invoke(fx, list(arguments), obj=wiring)


def test_a_rate_is_set_and_listed(rates: Rates) -> None:
    result = call(rates, "set", "EUR", "USD", "1.0812", "--as-of", "2026-11-20T16:00")
    assert (result.exit_code, result.stdout) == (
        0, "1 EUR = 1.0812 USD; prices follow shortly.\n",
    )  # fmt: skip
    listed = call(rates, "list").stdout
    for text in ("EUR/USD", "1.0812", "2026-11-20 16:00 UTC", "set by hand"):
        assert text in listed
    (told,) = json.loads(call(rates, "list", "--json").stdout)
    assert told["rate"] == "1.0812"
    assert told["as_of"] == "2026-11-20T16:00:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["EUR", "USD", "much"], "'much' is not a rate; write a number such as 1.0812"),
        (["EUR", "USD", "1.1", "--as-of", "soon"], "'soon' is not a date"),
        (["EUR", "USD", "1.1", "--as-of", "2026-11-22"], "which is yet to come"),
        (["EUR", "EUR", "1.1"], "names one currency twice"),
    ],
)
def test_what_is_no_rate_is_refused(rates: Rates, arguments: list[str], reason: str) -> None:
    result = call(rates, "set", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert reason in result.stderr
    assert call(rates, "list").stdout.startswith("There are no exchange rates yet")


def test_rates_are_imported_from_a_file(rates: Rates, tmp_path: Path) -> None:
    path = tmp_path / "rates.xml"
    path.write_text(DAILY)
    assert call(rates, "import", str(path)).stdout == (
        "Read 2 rates, the newest of 2026-11-20; 2 of them were new.\n"
    )
    path.write_text(HISTORY)
    assert call(rates, "import", str(path)).stdout == (
        "Read 2 rates, the newest of 2026-11-20; 1 of them were new.\n"
        "Skipped 1: EEK is not a currency of today's ISO 4217 list.\n"
    )
    told = json.loads(call(rates, "import", str(path), "--json").stdout)
    assert (told["read"], told["changed"]) == (2, 0)
    assert [rate.rate for rate in rates.list_rates()] == [Decimal("163.06"), Decimal("1.0812")]


def test_a_file_that_cannot_be_read_is_refused(rates: Rates, tmp_path: Path) -> None:
    result = call(rates, "import", str(tmp_path / "rates.xml"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no file" in result.stderr


@pytest.mark.parametrize(
    ("as_of", "effect"),
    [
        ("2026-11-20", "the newer one of 2026-11-20 16:00 UTC stays in force"),
        ("2026-11-20T16:00", "prices follow shortly"),
        ("2026-11-21", "prices follow shortly"),
    ],
)
def test_setting_an_earlier_rate_says_that_the_newer_one_stays(
    rates: Rates, as_of: str, effect: str
) -> None:
    call(rates, "set", "EUR", "USD", "1.08", "--as-of", "2026-11-20T16:00")
    result = call(rates, "set", "EUR", "USD", "1.10", "--as-of", as_of)
    assert (result.exit_code, result.stdout) == (0, f"1 EUR = 1.10 USD; {effect}.\n")


def test_a_rate_that_is_too_old_from_the_start_is_said_to_be(rates: Rates) -> None:
    result = call(rates, "set", "EUR", "USD", "1.08", "--as-of", "2026-11-15")
    assert result.stdout == "1 EUR = 1.08 USD; it is too old to make prices with.\n"
