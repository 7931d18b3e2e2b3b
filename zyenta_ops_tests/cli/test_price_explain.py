"""`price explain`: the steps for people, one document for programs, one sentence when refused."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli.prices import prices


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(prices, ["explain", *arguments])


def test_the_default_strategy_makes_14_99_out_of_10() -> None:
    result = explain("--cost", "10", "--currency", "USD")
    assert result.exit_code == 0
    assert result.output.strip().splitlines()[-1] == "APPLIED: 14.99 USD"
    assert "landed cost + 50 % markup" in result.output


def test_json_holds_the_decision_with_its_steps() -> None:
    result = explain("--cost", "10", "--currency", "USD", "--current", "14.49", "--json")
    document = json.loads(result.output)
    decision = document["decision"]
    assert document["strategy"] == "5cf62fe1c906b641005fcdd4304082b4"
    assert decision["outcome"] == "APPLIED"
    assert decision["price"] == {"minor": 1499, "currency": "USD"}
    assert decision["change_bps"] == 345
    assert decision["steps"][1] == {
        "name": "landed cost",
        "detail": "what a sold unit costs",
        "amount": "10.00",
    }


def test_a_foreign_cost_is_converted_at_the_rate_given() -> None:
    arguments = ["--cost", "10", "--currency", "USD", "--cost-currency", "EUR", "--rate", "1.08"]
    result = explain(*arguments)
    assert result.exit_code == 0
    assert result.output.strip().splitlines()[-1] == "APPLIED: 15.99 USD"


def test_a_strategy_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "strategy.json"
    file.write_text('{"kind": "TARGET_MARGIN", "value": 50, "endings": [{"currency": "*"}]}')
    result = explain("--cost", "10", "--currency", "USD", "--strategy", str(file))
    assert result.output.strip().splitlines()[-1] == "APPLIED: 20.00 USD"


def test_a_strategy_may_be_given_inline_with_a_compare_at_price_and_flags() -> None:
    strategy = '{"compare_at": {"rule": "LIST_PRICE"}, "max_margin": 40}'
    result = explain(
        "--cost", "10", "--currency", "USD", "--list-price", "30", "--strategy", strategy
    )
    last = result.output.strip().splitlines()[-1]
    assert last == "APPLIED: 13.99 USD, compared at 29.99 USD [LOWERED_TO_CEILING]"


def test_a_cost_without_a_price_is_explained_and_not_an_error() -> None:
    result = explain("--cost", "0", "--currency", "USD")
    assert result.exit_code == 0
    assert result.output.strip().splitlines()[-1] == "REJECTED: no price"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--strategy", '{"kind": "COMPETITIVE"}'],
            "the strategy given is not valid: kind COMPETITIVE is not available yet; use "
            "FIXED_MARGIN, PERCENTAGE_MARGIN or TARGET_MARGIN",
        ),
        (
            ["--strategy", '{"fees": {"stripe": 3}}'],
            "the strategy given is not valid: there is no field 'fees.stripe';"
            " correct or remove it",
        ),
        (
            ["--strategy", '{"value": "half"}'],
            "the strategy given is not valid: value: input should be a valid decimal",
        ),
        (
            ["--strategy", '{"value": 12.345}'],
            "the strategy given is not valid: value is 12.345 %; write at most two decimals "
            "(basis points)",
        ),
        (
            ["--strategy", '{"value" 3}'],
            "the strategy given is not JSON: Expecting ':' delimiter in line 1, column 10",
        ),
        (
            ["--strategy", "/nowhere.json"],
            "the strategy file /nowhere.json cannot be read: No such file or directory",
        ),
        (["--cost", "ten"], "'ten' is not an amount of money"),
        (
            ["--currency", "usd"],
            "'usd' is not an ISO 4217 currency code; write one such as EUR or USD",
        ),
        (
            ["--cost-currency", "EUR"],
            "a cost in EUR needs --rate, the USD that one EUR buys",
        ),
        (["--cost-currency", "EUR", "--rate", "x"], "--rate 'x' is not a number"),
        (
            ["--cost-currency", "EUR", "--rate", "0"],
            "the rate EUR/USD is 0; it must be a positive number",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_status_1(arguments: list[str], sentence: str) -> None:
    result = explain("--cost", "10", "--currency", "USD", *arguments)
    assert result.exit_code == 1
    assert result.output == f"Error: {sentence}\n"


def test_a_file_that_is_not_text_or_not_an_object_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "strategy.json"
    file.write_bytes(b"\xff\xfe")
    unreadable = explain("--cost", "10", "--currency", "USD", "--strategy", str(file))
    assert (unreadable.exit_code, unreadable.output) == (
        1,
        f"Error: the strategy file {file} cannot be read: not UTF-8 text\n",
    )
    file.write_text("[]")
    listed = explain("--cost", "10", "--currency", "USD", "--strategy", str(file))
    assert listed.exit_code == 1
    assert "is not a JSON object; it must begin with a brace" in listed.output


def test_a_strategy_may_be_named_by_its_kind_alone() -> None:
    named = explain("--cost", "10", "--currency", "USD", "--strategy", "percentage_margin")
    assert named.output == explain("--cost", "10", "--currency", "USD").output


@pytest.mark.parametrize("kind", ["COMPETITIVE", "DYNAMIC", "cheapest"])
def test_a_kind_that_cannot_be_used_is_refused_by_its_name(kind: str) -> None:
    result = explain("--cost", "10", "--currency", "USD", "--strategy", kind)
    assert result.exit_code == 1
    assert kind.upper() in result.output
    assert "file" not in result.output


def test_a_list_is_a_wrong_document_and_no_file() -> None:
    result = explain("--cost", "10", "--currency", "USD", "--strategy", "[]")
    assert result.exit_code == 1
    assert "the strategy given is not a JSON object" in result.output
