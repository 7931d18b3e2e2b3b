from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.documents import (
    MOST_FAULTS,
    NO_TIME,
    Fault,
    Fields,
    pairs_once,
    repeated_fields,
)


def test_every_fault_is_noted_where_it_is_and_reading_goes_on() -> None:
    reader = Fields({"name": 5, "count": True, "items": [{"size": "x"}, 7], "at": "yesterday"})

    assert (reader.text("name", 10), reader.whole("count", 0, 9)) == ("", 0)
    for item in reader.each("items", 5):
        assert item.whole("size", 1, 9) == 0
        item.end()
    assert reader.moment("at") == NO_TIME
    assert reader.inner("address").text("city", 10) == ""

    assert reader.faults == (
        Fault("name", "must be text"),
        Fault("count", "must be a whole number"),
        Fault("items[1]", "must be a JSON object"),
        Fault("items[0].size", "must be a whole number"),
        Fault("at", "must be a time in ISO 8601 with its zone, such as 2026-11-02T12:00:00Z"),
        Fault("address", "is missing"),
    )


@pytest.mark.parametrize("value", [1.0, "1", True, None, [1], 10**30, -1])
def test_only_whole_numbers_in_the_range_are_whole_numbers(value: object) -> None:
    reader = Fields({"count": value})

    assert reader.whole("count", 0, 10) == 0
    assert [fault.where for fault in reader.faults] == ["count"]


@pytest.mark.parametrize("character", ["\0", "\x1b", "\n", "\x85", "\u2028", "\ud800"])
def test_text_of_one_line_holds_no_control_characters(character: str) -> None:
    reader = Fields({"name": f"a{character}b"})

    assert reader.text("name", 10) == ""
    assert reader.faults == (Fault("name", "holds control characters"),)


def test_text_is_taken_without_white_space_around_it_and_up_to_its_length() -> None:
    reader = Fields({"name": "  Zoë  ", "long": "x" * 11, "blank": " ", "none": None})

    assert reader.text("name", 3) == "Zoë"
    assert reader.text("long", 10) == ""
    assert reader.text("blank", 10) == ""
    assert reader.text("none", 10, required=False) == ""
    assert reader.faults == (
        Fault("long", "is longer than 10 characters"),
        Fault("blank", "is empty"),
    )


def test_times_with_any_zone_become_utc() -> None:
    reader = Fields({"at": "2026-11-02T13:00:00+01:00"})

    assert reader.moment("at") == datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert reader.faults == ()


@pytest.mark.parametrize("text", ["2026-11-02", "2026-11-02T12:00:00", "0001-01-01T00:00+14:00"])
def test_times_without_a_zone_or_before_time_are_refused(text: str) -> None:
    reader = Fields({"at": text})

    assert reader.moment("at") == NO_TIME
    assert [fault.where for fault in reader.faults] == ["at"]


def test_fields_that_nothing_asks_for_are_noted_without_quoting_odd_names() -> None:
    reader = Fields({"colour": 1, "ann@example.com": 2})
    reader.end()

    assert reader.faults == (
        Fault("colour", "is not a field; correct or remove it"),
        Fault("?", "is not a field; correct or remove it"),
    )


def test_a_list_holds_at_least_one_and_at_most_so_many_entries() -> None:
    reader = Fields({"none": [], "many": [{}] * 4, "other": {}})

    assert [list(reader.each(name, 3)) for name in ("none", "many", "other")] == [[], [], []]
    assert reader.faults == (
        Fault("none", "must hold from 1 to 3 entries"),
        Fault("many", "must hold from 1 to 3 entries"),
        Fault("other", "must be a list"),
    )


@given(st.integers(0, 300))
def test_a_hostile_document_has_a_bounded_number_of_faults(count: int) -> None:
    reader = Fields({f"field_{number}": 0 for number in range(count)})
    reader.end()

    assert len(reader.faults) == min(count, MOST_FAULTS)


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ('{"a": 1, "b": [{"a": 2}]}', []),
        ('{"a": 1, "a": 1}', ["a"]),
        ('{"a": {"b": [{}, {"c": 1, "d": 2, "c": 3, "c": 4}]}, "z": 1, "z": 2}', ["z", "a.b[1].c"]),
        ('[{"ann@example.com": 1, "ann@example.com": 2}]', ["[0].…"]),
        ("[" * 500 + '{"a": 1, "a": 2}' + "]" * 500, ["[0]" * 500 + ".a"]),
    ],
)
def test_fields_that_come_twice_are_found_where_they_are(text: str, repeated: list[str]) -> None:
    document = json.loads(text, object_pairs_hook=pairs_once)

    assert list(repeated_fields(document)) == repeated
    assert document == json.loads(text)
