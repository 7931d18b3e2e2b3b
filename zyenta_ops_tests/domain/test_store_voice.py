from __future__ import annotations

from typing import Any

import pytest

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.store_voice import Notice, StoreVoice, locale_tag
from zyenta_ops.domain.web_addresses import https_address
from zyenta_ops.persistence.documents import read_document, write_document


def test_a_voice_is_kept_as_a_document() -> None:
    voice = StoreVoice(
        "Fjord Team",
        "answers@fjord.example",
        "help@fjord.example",
        "https://fjord.example/reviews",
        "de-AT",
        frozenset({Notice.DELAYED}),
    )

    assert read_document(StoreVoice, write_document(voice), "the voice") == voice
    assert read_document(StoreVoice, {}, "the voice") == StoreVoice()


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("sender_name", "Fjord\r\nBcc: eve@example.com", "sender_name must be a name"),
        ("sender_name", "service@bank.example", "sender_name must be a name"),
        ("sender_name", 'Fjord "AG"', "sender_name must be a name"),
        ("sender_name", "x" * 201, "longer than 200"),
        ("reply_to", "a@b.example\nBcc: eve@example.com", "reply_to must be an e-mail address"),
        ("reply_to", "Ann <ann@example.com>", "reply_to must be an e-mail address"),
        ("support_email", "HELP@fjord.example", "support_email must be an e-mail address"),
        ("review_url", "http://fjord.example", "review_url must be an address such as https"),
        ("review_url", "javascript:alert(1)", "review_url must be an address such as https"),
        ("review_url", "https://user:pass@fjord.example", "no user name and no password"),
        ("review_url", "https://fjord.example/a b", "without spaces"),
        ("locale", "german", "a locale is a language"),
        ("locale", "de_at", "locale must be written as in de-AT"),
        ("muted", ["order-shiped"], "muted"),
        ("colour", "red", "there is no field 'colour'"),
    ],
)
def test_a_voice_that_cannot_be_used_is_refused(field: str, value: Any, text: str) -> None:
    with pytest.raises(Refused, match="the voice is not valid") as refusal:
        read_document(StoreVoice, {field: value}, "the voice")

    assert text in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "tag"), [("DE", "de"), (" en_gb ", "en-GB"), ("fil-ph", "fil-PH"), ("de\n", "de")]
)
def test_a_locale_is_brought_into_its_usual_form(text: str, tag: str) -> None:
    assert locale_tag(text) == tag


@pytest.mark.parametrize("text", ["", "d", "de-", "de-AUT", "de-AT-1996", "../de"])
def test_what_names_no_language_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="a locale is a language"):
        locale_tag(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shop.example.com",
        "ftp://shop.example.com",
        "http://shop.example.com",
        "https://",
        "https://shop.example.com:99999",
        "https://[::1",
        "https://shöp.example.com",
        "https://shop.example.com/\x00",
        "https://shop.example.com/" + "x" * 1_000,
    ],
)
def test_an_address_that_is_no_https_url_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="the link must be an address"):
        https_address(text, "the link")


def test_a_refused_address_is_not_quoted_for_it_may_hold_a_token() -> None:
    with pytest.raises(Refused) as refusal:
        https_address("http://shop.example/hook?token=s3cret", "the link")

    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("http://127.0.0.1:8080/hook", True),
        ("http://localhost/hook", True),
        ("http://[::1]/hook", True),
        ("http://10.0.0.1/hook", False),
        ("http://localhost.example.com/hook", False),
    ],
)
def test_without_encryption_only_this_machine_is_spoken_to(text: str, fine: bool) -> None:
    if fine:
        assert https_address(text, "the link", loopback=True) == text
    else:
        with pytest.raises(Refused):
            https_address(text, "the link", loopback=True)
    with pytest.raises(Refused):
        https_address(text, "the link")
