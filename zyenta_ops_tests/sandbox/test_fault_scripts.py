from __future__ import annotations

import json

import pytest

from zyenta_ops.sandbox.faults import FAULTS, FaultScript, Rule, read_rules


def struck(script: FaultScript, calls: int, vendor: str = "cj") -> list[int]:
    found = (script.due(vendor, "/product/query", "GET") for _ in range(calls))
    return [number for number, faults in enumerate(found, 1) if faults]


def test_a_rule_strikes_the_calls_it_names() -> None:
    assert struck(FaultScript([Rule("hang", calls=(2, 5))]), 6) == [2, 5]


def test_a_rule_strikes_so_many_times_at_most() -> None:
    assert struck(FaultScript([Rule("hang", times=2)]), 5) == [1, 2]


def test_a_rule_strikes_about_its_share_and_always_the_same_calls() -> None:
    rules = [Rule("html", probability=0.2)]

    first = struck(FaultScript(rules, seed=7), 1_000)

    assert 150 < len(first) < 250
    assert struck(FaultScript(rules, seed=7), 1_000) == first
    assert struck(FaultScript(rules, seed=8), 1_000) != first


@pytest.mark.parametrize(
    ("rule", "concerned"),
    [
        (Rule("hang", vendor="cj"), True),
        (Rule("hang", vendor="aliexpress"), False),
        (Rule("hang", operation="/product/*"), True),
        (Rule("hang", operation="/shopping/*"), False),
        (Rule("hang", method="GET"), True),
        (Rule("hang", method="POST"), False),
    ],
)
def test_a_rule_is_about_the_calls_that_match_it(rule: Rule, concerned: bool) -> None:
    script = FaultScript([rule])

    assert bool(struck(script, 1)) is concerned
    assert script.state()[0]["seen"] == int(concerned)


def test_faults_of_several_rules_meet_in_one_call() -> None:
    script = FaultScript([Rule("latency", seconds=0.1), Rule("truncated")])

    assert set(script.due("cj", "/product/query", "GET")) == {"latency", "truncated"}


def test_a_bad_day_comes_from_a_seed() -> None:
    one, two, other = (FaultScript.from_seed(seed) for seed in (3, 3, 4))

    assert one.state() == two.state()
    assert one.state() != other.state()
    assert struck(one, 500) == struck(two, 500) != []


def test_a_script_is_read_from_json() -> None:
    text = json.dumps([{"fault": "status", "status": 429, "retry_after": 3, "calls": [1]}])

    assert read_rules(text) == [Rule("status", status=429, retry_after=3, calls=(1,))]


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"move"}))
def test_every_fault_can_be_written(fault: str) -> None:
    assert read_rules(json.dumps([{"fault": fault}])) == [Rule(fault)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "the fault script is not JSON"),
        ("{}", "the fault script is not a list of rules"),
        ("[3]", "rule 1 of the fault script is not an object"),
        ('[{"fault": "hang"}, {"fault": "gremlin"}]', "rule 2 .* names no known fault"),
        ('[{"fault": "hang", "when": 3}]', "rule 1 of the fault script has no field when"),
        ('[{"fault": "hang", "seconds": "3"}]', "rule 1 .* has a wrong value for seconds"),
        ('[{"fault": "hang", "times": true}]', "rule 1 .* has a wrong value for times"),
        ('[{"fault": "hang", "calls": [0]}]', "rule 1 .* calls are numbers from 1"),
        ('[{"fault": "move", "move": "burn"}]', "rule 1 .* a move is one of sell_out"),
    ],
)
def test_a_bad_script_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_rules(text)
