"""Words and tables for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from zyenta_ops.cli.tables import cell, document_fields, money_range, print_fields, print_table
from zyenta_ops.domain.money import Money


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("", "-"),
        (0, "0"),
        (True, "yes"),
        (False, "no"),
        (Money(1499, "EUR"), "14.99 EUR"),
        (datetime(2026, 11, 2, 12, 0, tzinfo=UTC), "2026-11-02 12:00 UTC"),
        (
            datetime(2026, 11, 2, 1, 0, tzinfo=timezone(timedelta(hours=2))),
            "2026-11-01 23:00 UTC",
        ),
        ("red \x1b[31malert\x07\n", "red  [31malert  "),
    ],
)
def test_a_cell_is_plain_text(value: Any, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(
    ("amounts", "text"),
    [
        ([], "-"),
        ([None], "-"),
        ([Money(400, "USD"), None, Money(650, "USD"), Money(500, "USD")], "4.00-6.50 USD"),
        ([Money(400, "USD"), Money(400, "USD")], "4.00 USD"),
        ([Money(400, "USD"), Money(400, "EUR")], "mixed currencies"),
    ],
)
def test_a_range_of_money_names_its_ends(amounts: list[Money | None], text: str) -> None:
    assert money_range(amounts) == text


def test_markup_in_a_cell_is_only_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("Name", ">Count"), [("[red]sale[/red]", 3)])
    print_fields([("Name", "[bold]x")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["Name", "Count"]
    assert lines[3].split() == ["[red]sale[/red]", "3"]
    assert lines[-1].split() == ["Name", "[bold]x"]


def test_a_long_cell_is_folded_and_nothing_of_it_is_lost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("Name",), [("x" * 300,)])
    out = capsys.readouterr().out
    assert out.count("x") == 300
    assert max(len(line) for line in out.splitlines()) <= 120


def test_fields_of_a_document_that_say_nothing_are_left_out() -> None:
    document = {"a": "text", "b": 0, "c": None, "d": {}, "e": {"f": [1]}, "g": False}
    assert document_fields(document, "X: ") == [
        ("X: a", "text"),
        ("X: b", "0"),
        ("X: e", '{"f": [1]}'),
        ("X: g", "false"),
    ]


ULID = "01M84G3P8JD1Y7K13Q0S8DVDBE"


def printed(capsys: pytest.CaptureFixture[str], headings: list[str], row: list[Any]) -> list[str]:
    print_table(headings, [row])
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_what_is_copied_or_counted_stays_whole_while_text_is_folded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    headings = ["Id", "Store", "Title", ">Price", "Why"]
    row = [ULID, "a-store-with-a-long-name", "word " * 30, Money(1499, "EUR"), "reason " * 30]
    lines = printed(capsys, headings, row)
    assert lines[3].startswith(f"{ULID}  a-store-with-a-long-name  word word")
    assert "  14.99 EUR  reason" in lines[3]
    assert max(map(len, lines)) <= 120
    assert sum(line.count("word") for line in lines) == 30


def test_a_table_that_does_not_fit_is_wider_than_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ids = [f"{ULID}{number}" for number in range(6)]
    lines = printed(capsys, [f"Id {number}" for number in range(6)], ids)
    assert lines[3].split() == ids


def test_wide_columns_are_narrowed_alike(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, ["A", "B", "C"], ["a " * 100, "b " * 100, "short"])
    assert abs(lines[3].count("a") - lines[3].count("b")) <= 1
    assert len(lines[3]) > 110


def test_a_table_without_rows_has_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("Name", ">Count"), [])
    assert capsys.readouterr().out.splitlines()[1].split() == ["Name", "Count"]
