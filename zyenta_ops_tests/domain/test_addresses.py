from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.addresses import LONGEST, Address, faults_of, phone_number, tidied
from zyenta_ops.domain.addresses.postal_codes import (
    example_of_postal_code,
    needs_postal_code,
    postal_code,
)
from zyenta_ops.domain.addresses.provinces import needs_province, province_code
from zyenta_ops.domain.addresses.tax_ids import tax_id, tax_id_name
from zyenta_ops.domain.documents import Fault
from zyenta_ops.domain.names import COUNTRIES


def full_width(text: str) -> str:
    """The text as Japanese keyboards write it."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


BERLIN = Address("DE", "Ann Buyer", "Chausseestraße 1", "Berlin", postal_code="10115")


@pytest.mark.parametrize(
    ("country", "given_as", "written"),
    [
        ("DE", "D-10115", "10115"),
        ("DE", " 10115 ", "10115"),
        ("AT", "A-1010", "1010"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("GB", "m1 1ae", "M1 1AE"),
        ("GB", "EC1A1BB", "EC1A 1BB"),
        ("IE", "d6wxy00", "D6W XY00"),
        ("CA", "k1a0b1", "K1A 0B1"),
        ("US", "90210", "90210"),
        ("US", "902101234", "90210-1234"),
        ("NL", "1234ab", "1234 AB"),
        ("SE", "SE-11455", "114 55"),
        ("PL", "00950", "00-950"),
        ("PT", "1000205", "1000-205"),
        ("BR", "01310100", "01310-100"),
        ("JP", "\u3012" + full_width("100-0001"), "100-0001"),
        ("LT", "01100", "LT-01100"),
        ("LV", "lv 1010", "LV-1010"),
        ("MT", "vlt1117", "VLT 1117"),
        ("KY", "1-1100", "KY1-1100"),
        ("AR", "C1070AAM", "C1070AAM"),
        ("LU", "L-1234", "1234"),
        ("HK", "anything 7", "ANYTHING 7"),
    ],
)
def test_postal_codes_are_written_as_the_post_does(
    country: str, given_as: str, written: str
) -> None:
    assert postal_code(country, given_as) == written
    assert postal_code(country, written) == written


@pytest.mark.parametrize(
    ("country", "text"),
    [("DE", "1011"), ("DE", "1O115"), ("US", "9021"), ("GB", "12345"), ("CA", "K1A 0B"),
     ("FR", "75001 Paris"), ("DE", "\u0661" * 5), ("NL", "1234")],
)  # fmt: skip
def test_what_cannot_be_a_postal_code_of_the_country_is_refused(country: str, text: str) -> None:
    assert postal_code(country, text) is None
    fault = Fault(
        "postal_code",
        f"is not one of {country}; they look like {example_of_postal_code(country)}",
    )
    assert fault in faults_of(replace(BERLIN, country=country, postal_code=text))


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_the_example_of_every_country_that_needs_a_code_is_one(country: str) -> None:
    if needs_postal_code(country):
        example = example_of_postal_code(country)
        assert postal_code(country, example) == example
        assert postal_code(country, example.replace(" ", "").replace("-", "").lower()) == example


def test_the_form_is_known_for_most_countries_and_needed_in_many() -> None:
    with_a_form = [each for each in COUNTRIES if postal_code(each, "?") is None]
    assert len(with_a_form) > 150
    assert len([each for each in with_a_form if needs_postal_code(each)]) > 70


@pytest.mark.parametrize(
    ("country", "given_as", "written"),
    [("US", "ca", "CA"), ("US", "new  york", "NY"), ("CA", "Québec", None), ("CA", "Quebec", "QC"),
     ("AU", "victoria", "VIC"), ("US", "ZZ", None), ("IT", "MI", "MI"), ("US", "AE", "AE")],
)  # fmt: skip
def test_states_are_written_as_codes_where_codes_are_known(
    country: str, given_as: str, written: str | None
) -> None:
    assert province_code(country, given_as) == written


@pytest.mark.parametrize("country", ["US", "CA", "AU", "BR", "MX", "IN", "CN", "JP"])
def test_carriers_need_a_province_there(country: str) -> None:
    assert needs_province(country)
    fault = Fault("province", f"is missing; parcels to {country} need one")
    assert fault in faults_of(replace(BERLIN, country=country))


@pytest.mark.parametrize(
    ("given_as", "number"),
    [
        ("+4915123456789", "+4915123456789"),
        ("+49 (0)151 / 234-567.89", "+4915123456789"),
        ("0049 151 23456789", "+4915123456789"),
        ("+" + full_width("12025550100"), "+12025550100"),
        ("0151 23456789", None),
        ("+0151234567", None),
        ("+49 151 234 x7", None),
        ("+1234567890123456", None),
        ("+123456", None),
    ],
)
def test_phone_numbers_become_e164(given_as: str, number: str | None) -> None:
    assert phone_number(given_as) == number


@pytest.mark.parametrize(
    ("country", "given_as", "written"),
    [
        ("BR", "529.982.247-25", "52998224725"),
        ("BR", "529.982.247-26", None),
        ("BR", "111.111.111-11", None),
        ("BR", "11.222.333/0001-81", "11222333000181"),
        ("BR", "11.222.333/0001-80", None),
        # The example of the Receita Federal for numbers with letters.
        ("BR", "12.ABC.345/01DE-35", "12ABC34501DE35"),
        ("CL", "12.345.678-5", "12345678-5"),
        ("CL", "12.345.678-K", None),
        ("CL", "20.347.878-k", "20347878-K"),
        ("KR", "p123456789012", "P123456789012"),
        ("KR", "P12345678901", None),
        ("TR", "10000000146", "10000000146"),
        ("TR", "10000000147", None),
        ("DE", "anything", "anything"),
    ],
)
def test_tax_numbers_are_checked_by_their_digits(
    country: str, given_as: str, written: str | None
) -> None:
    assert tax_id(country, given_as) == written


@pytest.mark.parametrize("country", ["BR", "CL", "KR", "TR"])
def test_customs_there_ask_for_a_number(country: str) -> None:
    name = tax_id_name(country)
    assert Fault(
        "tax_id", f"is missing; customs of {country} ask for the recipient's {name}"
    ) in faults_of(replace(BERLIN, country=country))
    assert Fault("tax_id", f"is not a valid {name}; a digit may be wrong") in faults_of(
        replace(BERLIN, country=country, tax_id="12")
    )


@given(st.integers(0, 10**9 - 1))
def test_nine_digits_are_a_cpf_with_one_pair_of_check_digits_only(body: int) -> None:
    numbers = [f"{body:09d}{check:02d}" for check in range(100)]
    repeated = len(set(f"{body:09d}")) == 1
    assert len([each for each in numbers if tax_id("BR", each)]) == (0 if repeated else 1)


def test_an_address_is_tidied_and_then_has_no_faults() -> None:
    rough = Address(
        " us ",
        "  Ann   Buyer ",
        "1600 Pennsylvania  Ave",
        "Washington",
        province="district of columbia",
        postal_code="205000001",
        phone="001 (202) 555-0100",
        email="Ann@Example.com",
    )

    tidy = tidied(rough)

    assert tidy == Address(
        "US",
        "Ann Buyer",
        "1600 Pennsylvania Ave",
        "Washington",
        province="DC",
        postal_code="20500-0001",
        phone="+12025550100",
        email="ann@example.com",
    )
    assert faults_of(tidy) == ()
    assert tidied(tidy) == tidy


def test_all_that_is_missing_is_told_at_once() -> None:
    assert faults_of(Address("", "", "", "")) == (
        Fault("country", "is missing"),
        Fault("name", "is missing"),
        Fault("line1", "is missing"),
        Fault("city", "is missing"),
    )
    assert faults_of(replace(BERLIN, country="UK")) == (
        Fault("country", "is not an ISO 3166 country code of two letters, such as DE"),
    )


@pytest.mark.parametrize("name", [each.name for each in fields(Address)])
def test_no_field_takes_control_characters_or_more_than_it_holds(name: str) -> None:
    assert name in LONGEST
    for value, problem in (
        ("1\x00", "holds control characters"),
        ("1" * (LONGEST[name] + 1), f"is longer than {LONGEST[name]} characters"),
    ):
        assert faults_of(replace(BERLIN, **{name: value}))[0] == Fault(name, problem)


texts = st.text(max_size=40)


@given(
    st.builds(
        Address,
        country=st.sampled_from(sorted(COUNTRIES)) | texts,
        **{each.name: texts for each in fields(Address)[1:]},
    )
)
def test_any_address_can_be_tidied_and_judged_without_being_quoted(address: Address) -> None:
    tidy = tidied(address)

    assert tidied(tidy) == tidy
    for fault in faults_of(tidy):
        value = getattr(tidy, fault.where)
        assert fault.where == "country" or len(value) < 12 or value not in fault.problem


def test_only_the_country_shows_in_a_repr() -> None:
    assert repr(BERLIN) == "Address(country='DE')"
