"""Check characters: the published numbers have them, and how well each algorithm catches a slip."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.carriers.check_digits import Check, check_character

DIGITS = "0123456789"
# From the carriers' documentation and labels in public; the last character is the check character.
PUBLISHED = [
    (Check.S10, "473124829"),
    (Check.UPS, "5R89390357567127"),
    (Check.UPS, "879E930346834440"),
    (Check.UPS, "410E7W0392751591"),
    (Check.UPS, "8V92A70367203024"),
    (Check.FEDEX, "986578788855"),
    (Check.FEDEX, "477179081230"),
    (Check.FEDEX, "799531274483"),
    (Check.FEDEX, "790535312317"),
    (Check.FEDEX, "00779017972697"),
    (Check.GS1, "041441760228964"),
    (Check.GS1, "9400111201080805483016"),
    (Check.GS1, "92748931507708513018050063"),
    (Check.GS1, "340434161094042557"),
    (Check.GS1, "0073938000549297"),
    (Check.MOD7, "3318810025"),
    (Check.MOD7, "73891051146"),
    (Check.MOD7, "8487135506"),
    (Check.ISO7064, "008182709980000020033350276C"),
    (Check.ISO7064, "008182709980000020045327276N"),
]


@pytest.mark.parametrize(("check", "number"), PUBLISHED)
def test_published_numbers_have_the_right_check_character(check: Check, number: str) -> None:
    assert check_character(check, number[:-1]) == number[-1]


@pytest.mark.parametrize(
    ("check", "body", "written"),
    [
        (Check.S10, "00000000", "5"),  # 11 has no digit
        (Check.S10, "00000008", "0"),  # nor has 10
        (Check.FEDEX, "00000000110", "0"),
        (Check.GS1, "0000000000000000000", "0"),
        (Check.MOD7, "000000007", "0"),
    ],
)
def test_what_has_no_digit_of_its_own_is_written_as_published(
    check: Check, body: str, written: str
) -> None:
    assert check_character(check, body) == written


def changed(body: str, place: int, character: str) -> str:
    return body[:place] + character + body[place + 1 :]


def s10_sum(body: str) -> int:
    return sum(w * int(d) for w, d in zip((8, 6, 4, 2, 3, 5, 9, 7), body, strict=True)) % 11


def fedex_sum(body: str) -> int:
    return sum((1, 3, 7)[n % 3] * int(d) for n, d in enumerate(reversed(body))) % 11


# The slips that an algorithm cannot see, as what two numbers have in common then.
BLIND: Mapping[Check, Callable[[str, str, int], bool]] = {
    Check.S10: lambda one, other, _: {s10_sum(one), s10_sum(other)} == {0, 6},
    Check.FEDEX: lambda one, other, _: {fedex_sum(one), fedex_sum(other)} == {0, 10},
    Check.UPS: lambda one, other, place: (
        place % 2 == 1 and abs(int(one[place]) - int(other[place])) == 5
    ),
    Check.MOD7: lambda one, other, place: abs(int(one[place]) - int(other[place])) == 7,
    Check.GS1: lambda *_: False,
    Check.ISO7064: lambda *_: False,
}
LENGTHS = {Check.S10: (8, 8), Check.UPS: (15, 15), Check.FEDEX: (11, 13), Check.MOD7: (9, 10)}


@st.composite
def slips(draw: st.DrawFn, check: Check) -> tuple[str, str, int]:
    """A body, the same with one wrong digit, and where it is."""
    low, high = LENGTHS.get(check, (14, 27))
    body = draw(st.text(DIGITS, min_size=low, max_size=high))
    place = draw(st.integers(0, len(body) - 1))
    wrong = draw(st.sampled_from([each for each in DIGITS if each != body[place]]))
    return body, changed(body, place, wrong), place


@pytest.mark.parametrize("check", list(Check))
def test_every_wrong_digit_is_caught_but_for_the_known_blind_spots(check: Check) -> None:
    @given(slips(check))
    def of(slip: tuple[str, str, int]) -> None:
        body, other, place = slip
        same = check_character(check, body) == check_character(check, other)
        assert same == BLIND[check](body, other, place)

    of()


@pytest.mark.parametrize("check", [Check.GS1, Check.ISO7064])
def test_the_strong_ones_catch_every_wrong_digit_of_every_published_number(check: Check) -> None:
    bodies = [number[:-1] for algorithm, number in PUBLISHED if algorithm is check]
    for body in bodies:
        for place in range(len(body)):
            for wrong in set(DIGITS) - {body[place]}:
                assert check_character(check, changed(body, place, wrong)) != check_character(
                    check, body
                )
