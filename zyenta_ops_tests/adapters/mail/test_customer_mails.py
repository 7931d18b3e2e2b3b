"""Mails to customers, word for word in each language.

`data/mails` holds what they say; `WRITE_MAILS=1` writes it anew, to be read in the diff.
"""

from __future__ import annotations

import os
import re
from email import message_from_bytes, policy
from pathlib import Path
from string import Formatter

import pytest

from zyenta_ops.adapters.mail import FileTransport
from zyenta_ops.adapters.mail.languages import FALLBACK, language_of, names
from zyenta_ops.adapters.mail.languages import _read as read_language
from zyenta_ops.adapters.mail.rendering import Rendered, render
from zyenta_ops.domain.errors import DeliveryRefused
from zyenta_ops.domain.store_voice import Notice, StoreVoice
from zyenta_ops_tests.adapters.mail.customers import an_order_that_waits, every_notice, outbound
from zyenta_ops_tests.adapters.mail.messages import SENDER
from zyenta_ops_tests.adapters.mail.test_mail_rendering import HOSTILE, Page, hostile

MAILS = Path(__file__).parents[2] / "data" / "mails"
LANGUAGES = ("en", "de")


def rendered(notice: Notice, language: str) -> Rendered:
    message = every_notice(language)[notice]
    return render(message.template, message.context)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", list(Notice))
def test_every_mail_says_in_each_language_what_it_is_known_to_say(
    notice: Notice, language: str
) -> None:
    mail = rendered(notice, language)
    for kind, text in (("txt", f"{mail.subject}\n\n{mail.text}"), ("html", mail.html)):
        path = MAILS / f"{notice.value}.{language}.{kind}"
        if os.environ.get("WRITE_MAILS"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", list(Notice))
def test_every_mail_is_well_formed_and_leads_only_where_it_should(
    notice: Notice, language: str
) -> None:
    page = Page(rendered(notice, language).html)

    assert page.open == []
    assert ("html", {"lang": language}) in page.tags
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "style"}
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    tracked = "https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557"
    assert links == {
        Notice.SHIPPED: [tracked],
        Notice.DELAYED: [tracked],
        Notice.DELIVERED: ["https://fjord.example/review?from=mail&stars=5"],
    }.get(notice, [])


@pytest.mark.parametrize("notice", list(Notice))
def test_a_store_that_never_chose_sends_mails_without_holes(notice: Notice) -> None:
    message = every_notice("en", StoreVoice())[notice]

    mail = render(message.template, message.context)

    assert "\n\n\n" not in mail.text
    assert "None" not in mail.text
    assert "help@" not in mail.text + mail.html
    assert mail.text.endswith(
        "-- \nFjord & Pine\nYou receive this mail because you ordered from Fjord & Pine.\n"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_that_has_no_parcel_yet_can_be_late(language: str) -> None:
    message = an_order_that_waits(language)

    mail = render(message.template, message.context)

    day = {"en": "20 November 2026", "de": "20. November 2026"}[language]
    assert day in mail.text
    assert "\n\n\n" not in mail.text
    assert [tag for tag, _ in Page(mail.html).tags if tag == "a"] == []


def test_a_language_that_we_do_not_speak_is_answered_in_english() -> None:
    assert language_of("fr-CA").name == FALLBACK == "en"
    assert language_of("").name == "en"
    assert language_of("de-AT").name == "de"
    assert language_of("../../etc").name == "en"
    assert names() == ("de", "en")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("name", names())
def test_every_language_has_every_sentence_with_the_same_things_put_in(name: str) -> None:
    english, other = read_language(FALLBACK).sentences, read_language(name).sentences

    assert list(other) == list(english)
    assert {key: placeholders(each) for key, each in other.items()} == {
        key: placeholders(each) for key, each in english.items()
    }


def test_every_sentence_is_used() -> None:
    folder = Path(__file__).parents[3] / "zyenta_ops" / "adapters" / "mail" / "templates"
    used = set()
    for path in folder.glob("*.j2"):
        used |= set(re.findall(r'"((?:mail|order-[a-z]+)\.[a-z]+)"', path.read_text("utf-8")))
    assert used == set(read_language(FALLBACK).sentences)


@pytest.mark.parametrize(
    ("language", "minor", "currency", "text"),
    [
        ("en", 123_450, "EUR", "1,234.50 EUR"),
        ("de", 123_450, "EUR", "1.234,50 EUR"),
        ("de", 123_456_789, "EUR", "1.234.567,89 EUR"),
        ("de", -500, "EUR", "-5,00 EUR"),
        ("en", 5_000, "JPY", "5,000 JPY"),
        ("de", 5_000, "JPY", "5.000 JPY"),
        ("de", 1_234_567, "KWD", "1.234,567 KWD"),
        ("en", 7, "USD", "0.07 USD"),
    ],
)
def test_amounts_are_written_as_the_language_writes_them(
    language: str, minor: int, currency: str, text: str
) -> None:
    assert language_of(language).money(minor, currency) == text


@pytest.mark.parametrize(("language", "text"), [("en", "1 March 2026"), ("de", "1. März 2026")])
def test_days_are_written_as_the_language_writes_them(language: str, text: str) -> None:
    assert language_of(language).day("2026-03-01") == text


def test_what_is_put_into_a_sentence_is_not_read_as_one() -> None:
    said = language_of("en").say("mail.hello", name="{store.__class__} {0}")

    assert said == "Hello {store.__class__} {0},"


def test_a_sentence_that_is_not_there_is_refused() -> None:
    with pytest.raises(DeliveryRefused, match=r"'mail\.nope' lacks 'mail\.nope'"):
        language_of("en").say("mail.nope")
    with pytest.raises(DeliveryRefused, match=r"'mail\.hello' lacks 'name'"):
        language_of("en").say("mail.hello")


@pytest.mark.parametrize("notice", list(Notice))
def test_no_title_and_no_name_brings_html_lines_or_headers_into_a_mail(notice: Notice) -> None:
    known = every_notice("de")[notice]
    kept = {"locale", "eta", "currency", "url", "review_url"}
    context = {
        name: each if name in kept else hostile(each) for name, each in known.context.items()
    }

    mail = render(known.template, context)

    page = Page(mail.html)
    assert page.open == []
    assert not [attrs for tag, attrs in page.tags if tag == "img" or "onerror" in attrs]
    assert "<img src=x onerror=alert(1)>" in page.text
    for part in (mail.subject, mail.text, mail.html):
        assert not re.search("[\u202a-\u202e\u2066-\u2069\r\x00]", part)
        assert not re.search(r"^\s*Bcc:", part, re.MULTILINE)
    assert "\n" not in mail.subject


def test_a_mail_comes_from_our_address_under_the_stores_name(tmp_path: Path) -> None:
    message = every_notice("de")[Notice.SHIPPED]
    with FileTransport(tmp_path, SENDER).open() as send:
        send(outbound(message))

    (path,) = tmp_path.iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["From"] == "Fjord & Pine <ops@shop.example>"
    assert mail["Reply-To"] == "help@fjord.example"
    assert mail["To"] == "ann@example.com"
    assert mail["Subject"] == "Ihre Bestellung 1001 ist unterwegs"


def test_a_store_without_an_address_of_its_own_gets_no_answers(tmp_path: Path) -> None:
    message = every_notice("en", StoreVoice())[Notice.SHIPPED]
    with FileTransport(tmp_path, SENDER).open() as send:
        send(outbound(message))

    (path,) = tmp_path.iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (mail["From"], mail["Reply-To"]) == ("Fjord & Pine <ops@shop.example>", None)


def test_no_sender_and_no_number_brings_a_header_into_a_mail(tmp_path: Path) -> None:
    message = every_notice("en")[Notice.SHIPPED]
    evil = "Eve\r\nBcc: eve@example.com\r\n\r\nHello"
    with FileTransport(tmp_path, SENDER).open() as send:
        send(outbound(message, sender_name=evil, number=HOSTILE))

    (path,) = tmp_path.iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["From"].addresses[0].addr_spec == "ops@shop.example"
    assert mail["From"].addresses[0].display_name == "Eve Bcc: eve@example.com Hello"


@pytest.mark.parametrize("reply_to", ["nobody", "a@b.example\r\nBcc: eve@example.com", "@"])
def test_an_answer_address_that_is_none_is_refused(tmp_path: Path, reply_to: str) -> None:
    message = every_notice("en")[Notice.SHIPPED]
    with (
        FileTransport(tmp_path, SENDER).open() as send,
        pytest.raises(DeliveryRefused, match="the answer's address cannot be put into a mail"),
    ):
        send(outbound(message, reply_to=reply_to))

    assert list(tmp_path.iterdir()) == []
