"""What accounts, stores and suppliers may be called."""

from __future__ import annotations

from pathlib import Path

import pytest

from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.names import (
    COUNTRIES,
    country_code,
    currency_code,
    display_name,
    email_address,
    not_found,
    slug,
    subdomain_label,
    supplier_key,
)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("me@example.com", "me@example.com"),
        (" Me.Too+shop@Example.CO.UK ", "me.too+shop@example.co.uk"),
        ("o'neil_1@müller.example", "o'neil_1@müller.example"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_email_address_is_kept_in_lower_case(written: str, canonical: str) -> None:
    assert email_address(written) == canonical


@pytest.mark.parametrize(
    "written",
    [
        "",
        "me",
        "me@",
        "@example.com",
        "me@example",
        "me@@example.com",
        "me@exam ple.com",
        "me you@example.com",
        ".me@example.com",
        "me..you@example.com",
        "me@-example.com",
        "me@example-.com",
        "me@example..com",
        "me@example.com.",
        "me@example.com\nBcc: you@example.com",
        '"me"@example.com',
        "a" * 65 + "@example.com",
        "me@" + "a" * 64 + ".com",
        "Me <me@example.com>",
    ],
)
def test_what_is_no_email_address_is_refused(written: str) -> None:
    with pytest.raises(Refused, match="is not an e-mail address; write one such as"):
        email_address(written)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("My Shop", "my-shop"),
        ("  Café Größe & Söhne!  ", "cafe-grosse-sohne"),
        ("a--b__c", "a-b-c"),
        ("店", ""),
        ("x" * 62 + " yz", "x" * 62),
    ],
)
def test_a_slug_is_letters_digits_and_single_hyphens(text: str, label: str) -> None:
    assert slug(text) == label


def test_a_store_without_a_subdomain_is_named_after_its_name() -> None:
    assert subdomain_label(None, "My Shop") == "my-shop"
    assert subdomain_label(" Other ", "My Shop") == "other"


def test_a_name_without_latin_letters_needs_a_subdomain() -> None:
    with pytest.raises(Refused, match="no subdomain can be made from the name '店'"):
        subdomain_label(None, "店")


@pytest.mark.parametrize("written", ["", "-a", "a-", "a.b", "a b", "a" * 64, "ä", "a\n"])
def test_a_subdomain_is_a_dns_label(written: str) -> None:
    if written == "a\n":
        assert subdomain_label(written, "x") == "a"
        return
    with pytest.raises(Refused, match="cannot be a subdomain"):
        subdomain_label(written, "My Shop")


@pytest.mark.parametrize("key", ["a", "7", "my-feed", "a" * 63, "a-"])
def test_a_supplier_key_is_lower_case_letters_digits_and_hyphens(key: str) -> None:
    assert supplier_key(key) == key


@pytest.mark.parametrize(
    "key", ["", "-a", "My", "a b", "a,b", "a...b", "a_b", "a" * 64, "a\n", "ä", "[a]"]
)
def test_a_key_that_cannot_name_a_partition_is_refused(key: str) -> None:
    with pytest.raises(Refused, match="cannot be the key of a supplier; use up to 63"):
        supplier_key(key)


def test_a_refused_key_comes_with_one_that_would_do() -> None:
    with pytest.raises(Refused, match=r"such as 'my-feed'$"):
        supplier_key("My Feed")


def test_countries_are_those_of_iso_3166() -> None:
    table = Path("/usr/share/zoneinfo/iso3166.tab")
    if not table.exists():
        pytest.skip("this machine has no table of time zones")
    lines = table.read_text().splitlines()
    assert {line.split("\t")[0] for line in lines if not line.startswith("#")} == COUNTRIES


def test_codes_are_read_in_any_case() -> None:
    assert country_code(" de ") == "DE"
    assert currency_code("eur") == "EUR"


@pytest.mark.parametrize(
    ("written", "advice"), [("UK", "write GB"), ("EL", "write GR"), ("Germany", "such as DE")]
)
def test_what_is_no_country_is_refused_with_advice(written: str, advice: str) -> None:
    with pytest.raises(Refused, match=f"'{written}' is not an ISO 3166 country code.*{advice}"):
        country_code(written)


def test_what_is_no_currency_is_refused() -> None:
    with pytest.raises(Refused, match="'EURO' is not an ISO 4217 currency code"):
        currency_code("Euro")


def test_a_display_name_is_trimmed_to_single_spaces() -> None:
    assert display_name("  My \t Shop ", "store") == "My Shop"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (" ", "the name of the store is empty"),
        ("x" * 201, "the name of the store is longer than 200 characters"),
        ("My\x1b[31mShop", "the name of the store holds control characters"),
    ],
)
def test_a_name_that_cannot_be_shown_is_refused(name: str, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        display_name(name, "store")
    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    ("ref", "known", "sentence"),
    [
        ("my-shpo", ["my-shop", "other"], "there is no store 'my-shpo'; did you mean my-shop?"),
        ("zzz", ["my-shop"], "there is no store 'zzz'; list the stores to see their names"),
        ("zzz", [], "there is no store 'zzz'; none has been added yet"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(
    ref: str, known: list[str], sentence: str
) -> None:
    error = not_found("store", ref, known)
    assert isinstance(error, NotFound)
    assert str(error) == sentence
