"""Which carrier a tracking number is of."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.carriers import (
    Candidate,
    Confidence,
    carrier_code,
    detect,
    tidied,
)
from zyenta_ops.domain.carriers.check_digits import check_character
from zyenta_ops.domain.carriers.formats import FORMS, S10_SERVICES, Form
from zyenta_ops.domain.carriers.names import carrier_of, post_of
from zyenta_ops.domain.names import COUNTRIES

CHECKED, PATTERN = Confidence.CHECKED, Confidence.PATTERN


def full_width(text: str) -> str:
    """The text as East Asian keyboards write it."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


def codes(found: tuple[Candidate, ...]) -> list[str]:
    return [each.carrier.code for each in found]


# From the carriers' documentation and labels in public, or computed where they say how.
@pytest.mark.parametrize(
    ("number", "carrier", "confidence"),
    [
        ("RB473124829GB", "royal-mail", CHECKED),
        ("LB473124829FR", "la-poste", CHECKED),
        ("LP473124829CN", "china-post", CHECKED),
        ("EE473124829US", "usps", CHECKED),
        ("CY473124829DE", "deutsche-post", CHECKED),
        ("RR473124829AD", "post-ad", CHECKED),
        ("1Z5R89390357567127", "ups", CHECKED),
        ("1Z8V92A70367203024", "ups", CHECKED),
        ("986578788855", "fedex", CHECKED),
        ("0414 4176 0228 964", "fedex", CHECKED),
        ("61299998820821171811", "fedex", CHECKED),
        ("9611020987654312345672", "fedex", CHECKED),
        ("1001921334250001000300779017972697", "fedex", CHECKED),
        ("9632001560123456789900794808390594", "fedex", CHECKED),
        ("0307 1790 0005 2348 3741", "usps", CHECKED),
        ("7112 3456 7891 2345 6787", "usps", CHECKED),
        ("7196 9010 7560 0307 7385", "usps", CHECKED),
        ("9400 1112 0108 0805 4830 16", "usps", CHECKED),
        ("92748931507708513018050063", "usps", CHECKED),
        ("420 22153 9101026837331000039521", "usps", CHECKED),
        ("4201028200009261290113185417468510", "usps", CHECKED),
        ("3318810025", "dhl", CHECKED),
        ("73891051146", "dhl", CHECKED),
        ("JVGL0999999990", "dhl", PATTERN),
        ("00340434161094042557", "dhl-paket", CHECKED),
        ("JJD014600003301465", "dhl", PATTERN),
        ("GM295117494011169042", "dhl-ecommerce", PATTERN),
        ("0081 827 0998 0000 0200 33 350 276 C", "dpd", CHECKED),
        ("09980000020033", "dpd", PATTERN),
        ("JD0002242617644732", "yodel", PATTERN),
        ("JJD0002257639032011", "yodel", PATTERN),
        ("0073938000549297", "canada-post", CHECKED),
        ("YT2229521272164446", "yunexpress", PATTERN),
        ("TBA502887274000", "amazon", PATTERN),
        ("LP00123456789012", "cainiao", PATTERN),
        ("CNFR9010123456789", "cainiao", PATTERN),
        ("4PX3001234567890CN", "4px", PATTERN),
        ("SF1234567890123", "sf-express", PATTERN),
        ("UG123456789YP", "yanwen", PATTERN),
        ("SYBAA12345678", "sunyou", PATTERN),
        ("JT0012345678901", "jt-express", PATTERN),
        ("CJPKL1234567890YQ", "cjpacket", PATTERN),
    ],
)
def test_numbers_are_recognised(number: str, carrier: str, confidence: Confidence) -> None:
    first = detect(number)[0]

    assert (first.carrier.code, first.confidence) == (carrier, confidence)


def test_a_number_of_a_post_tells_its_country_and_service() -> None:
    (found,) = detect("RB473124829GB")

    assert (found.carrier.name, found.service, found.origin) == (
        "Royal Mail",
        "registered letter",
        "GB",
    )
    assert detect("ZB473124829GB")[0].service == "post"
    assert set(S10_SERVICES) < set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@pytest.mark.parametrize(
    "number",
    [
        "RB473124820GB",  # the check digit is another one
        "RB473124829XX",  # no such country
        "RB473124829",
        "1Z5R89390357567128",
        "1A5R89390357567127",
        "986578788854",
        "9400111201080805483017",
        "0073938000549292",
        "3318810034",
        "YT222952127216444",
        "TBA50288727400A",
        "JC0002254405060992",
    ],
)
def test_a_wrong_number_is_not_taken_for_a_right_one(number: str) -> None:
    assert [each for each in detect(number) if each.confidence is CHECKED] == []


def example_of(form: Form) -> str:
    """A right number of a form with a check character, the same in every run."""
    text = re.sub(r"\(\?P<\w+>|\)", "", form.pattern.pattern)
    text = text.removesuffix("[0-9A-Z]").removesuffix("[0-9]")
    text = re.sub(r"\[1-5\]", "3", text)
    text = re.sub(
        r"\[0-9(?:A-Z)?\]\{(\d+)(?:,\d+)?\}",
        lambda found: ("12345678901234567890123")[: int(found[1])],
        text,
    )
    for last in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        found = form.pattern.fullmatch(text + last)
        if found and form.check is not None:
            body = form.put_before + found["body"]
            if check_character(form.check, body) == last:
                return text + last
    raise AssertionError(f"no example of {form}")


CHECKED_FORMS = [each for each in FORMS if each.check]


@pytest.mark.parametrize("form", CHECKED_FORMS, ids=lambda form: form.service)
def test_every_form_with_a_check_character_takes_the_right_one_alone(form: Form) -> None:
    right = example_of(form)

    def claimed(number: str) -> set[tuple[str, str]]:
        found = [each for each in detect(number) if each.confidence is CHECKED]
        return {(each.carrier.code, each.service) for each in found}

    assert form.carrier in {code for code, _ in claimed(right)}
    if [each.service for each in CHECKED_FORMS].count(form.service) == 1:
        mine = (form.carrier, form.service)
        wrong = [right[:-1] + last for last in "0123456789" if last != right[-1]]
        assert [number for number in wrong if mine in claimed(number)] == []


def test_what_may_be_several_is_ranked_by_where_it_goes_and_by_what_the_supplier_says() -> None:
    economy = "9261292700768711948021"
    assert codes(detect(economy)) == ["usps", "fedex"]
    assert codes(detect(economy, hint="FedEx SmartPost")) == ["fedex", "usps"]
    assert codes(detect(economy, "US", "usps")) == ["usps", "fedex"]
    label = "JJD0002257639032011"
    assert codes(detect(label, "GB"))[0] == "yodel"
    assert codes(detect(label, "DE"))[0] == "dhl-paket"
    assert codes(detect(label, "DE", "Yodel"))[0] == "dhl-paket"  # the country counts more
    assert codes(detect(label, hint="DHL Express"))[0] == "dhl"


def test_a_right_check_digit_counts_more_than_country_and_hint() -> None:
    both = "098765432109876"  # FedEx Ground by its check digit
    number = both[:14] + check_character(FORMS[4].check, both[:14])  # type: ignore[arg-type]

    assert FORMS[4].service == "FedEx Ground"
    assert codes(detect(number, "DE", "DPD"))[0] == "fedex"


def test_every_carrier_is_named_once() -> None:
    found = detect("JJD0002257639032011")

    assert len(codes(found)) == len(set(codes(found)))


@pytest.mark.parametrize(
    "written",
    [
        "rb473124829gb",
        " RB 473-124.829 GB\n",
        "\u3000" + full_width("RB473124829GB"),
        "RB\u00a0473124829GB",
    ],
)
def test_how_it_is_written_does_not_matter(written: str) -> None:
    assert codes(detect(written)) == ["royal-mail"]
    assert tidied(written) == "RB473124829GB"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " - ",
        "9" * 10_000,
        "1Z" * 5_000,
        " " * 10_000 + "RB473124829GB",
        "٣٣١٨٨١٠٠٢٥",  # digits, but of no label
        "²³¹⁴",
        "RB473124829GB; DROP TABLE",
        "RB473124829GB\x00",
        "https://track.example/RB473124829GB",
        "\ud800",
    ],
)
def test_what_is_no_number_has_no_carrier(text: str) -> None:
    assert detect(text) == ()


@given(st.text(max_size=60), st.text(max_size=3), st.text(max_size=60))
def test_nothing_that_is_written_breaks_it(number: str, country: str, hint: str) -> None:
    found = detect(number, country, hint)

    assert len(codes(found)) == len(set(codes(found)))
    assert detect(tidied(number), country, hint) == found


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", max_size=40))
def test_country_and_hint_only_change_the_order(number: str) -> None:
    plain = detect(number)
    assert set(codes(detect(number, "US", "DHL"))) == set(codes(plain))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("China Post", "china-post"),
        ("CHINA-POST", "china-post"),
        ("ePacket", "china-post"),
        ("USPS+", "usps"),
        ("United States Postal Service", "usps"),
        ("FEDEX", "fedex"),
        ("FedEx International Economy", "fedex"),
        ("DHL", "dhl"),
        ("DHL Global Mail", "dhl-ecommerce"),
        ("DHL Paket", "dhl-paket"),
        ("CJPacket Ordinary", "cjpacket"),
        ("J&T", "jt-express"),
        ("Colissimo", "la-poste"),
        ("Pošta Slovenije", "pošta-slovenije"),
        ("Ninja Van", "ninjavan"),
        ("", ""),
        ("  ", ""),
        ("x" * 10_000, "x" * 100),
    ],
)
def test_names_lead_to_codes(name: str, code: str) -> None:
    assert carrier_code(name) == code


def test_every_form_has_a_known_carrier_and_every_country_a_post() -> None:
    assert {carrier_of(form.carrier).code for form in FORMS} == {form.carrier for form in FORMS}
    posts = [post_of(country) for country in sorted(COUNTRIES)]
    assert len({each.code for each in posts}) == len(posts)
    assert post_of("AD").name == "Post of AD"
    assert all(form.countries <= COUNTRIES for form in FORMS)
