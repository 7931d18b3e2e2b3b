from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from zyenta_ops.adapters.mail.rendering import render, single_line
from zyenta_ops.domain.errors import DeliveryRefused
from zyenta_ops_tests.adapters.mail.messages import CONTEXTS

MERCHANTS = ["stock-alert", "price-alert", "price-missing", "account-alert", "digest"]
HOSTILE = (
    "<img src=x onerror=alert(1)> \u202egpj.exe\u2066 \r\nBcc: eve@example.com {{ 7*7 }} 🎿 מגבת"
)


class Page(HTMLParser):
    """The tags and the text of an HTML page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("template", "subject"),
    [
        ("stock-alert", "[Fjord & Pine] Stock Alert: 1 product out of stock"),
        ("price-alert", "[Fjord & Pine] Price Alert: Supplier prices changed"),
        (
            "price-missing",
            "[Fjord & Pine] Price Alert: 1 product without a price:"
            " no exchange rate from USD to EUR",
        ),
        ("digest", "[Fjord & Pine] Daily summary: 3 alert(s)"),
        (
            "sync-failure",
            "[CRITICAL] Inventory sync failed for supplier Nordic Supply (212 store(s) affected)",
        ),
        (
            "account-alert",
            "[Fjord & Pine] Supplier Account: AliExpress no longer accepts the account fox",
        ),
        ("account-failure", "[HIGH] AliExpress refuses the account fox"),
        ("order-alert", "[Fjord & Pine] Orders: Your system is told of no more orders"),
        ("intervention", "[HIGH] Order fjord:1001 needs a person"),
    ],
)
def test_every_template_has_a_subject_and_well_formed_html(template: str, subject: str) -> None:
    rendered = render(template, CONTEXTS[template])

    assert rendered.subject == subject
    page = Page(rendered.html)
    assert page.open == []
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "style"}


def test_a_stock_alert_reads_well_as_plain_text() -> None:
    assert render("stock-alert", CONTEXTS["stock-alert"]).text == (
        "Hello Ingrid,\n"
        "\n"
        "The following products are now out of stock and have been hidden from your storefront.\n"
        "\n"
        "* Steel bottle (hidden)\n"
        "    750 ml: sold out at the supplier (before: 14)\n"
        "and 3 more, listed in your dashboard\n"
        "\n"
        "Your products: https://dash.example/stores/s1/products\n"
        "\n"
        "-- \n"
        "Fjord & Pine, as of 2 November 2026, 12:05 UTC.\n"
        "Which alerts reach you by mail, and when, is set in your store's alert preferences.\n"
    )


@pytest.mark.parametrize("template", MERCHANTS)
def test_without_a_dashboard_a_mail_names_none(template: str) -> None:
    rendered = render(template, CONTEXTS[template] | {"dashboard_url": "", "more": 3})

    page = Page(rendered.html)
    assert page.open == []
    assert [attrs for tag, attrs in page.tags if tag == "a"] == []
    assert "dashboard" not in rendered.text + page.text
    assert "Your products" not in rendered.text
    assert "\n\n\n" not in rendered.text.replace("\n\n\n==", "")


@pytest.mark.parametrize("template", MERCHANTS)
def test_with_a_dashboard_a_mail_leads_there(template: str) -> None:
    rendered = render(template, CONTEXTS[template])

    url = "https://dash.example/stores/s1/products"
    assert [dict(attrs)["href"] for tag, attrs in Page(rendered.html).tags if tag == "a"] == [url]
    assert f"Your products: {url}\n" in rendered.text


def test_a_price_alert_reads_well_as_plain_text() -> None:
    text = render("price-alert", CONTEXTS["price-alert"]).text

    assert (
        "* Steel bottle\n"
        "  - 750 ml\n"
        "    supplier price 8.40 USD -> 9.66 USD (+15.0 %)\n"
        "    your price 24.99 EUR, adjusted from 21.99 EUR\n"
    ) in text


def test_a_missing_price_reads_well_as_plain_text() -> None:
    assert render("price-missing", CONTEXTS["price-missing"]).text.startswith(
        "Hello Ingrid,\n"
        "\n"
        "The following products are on sale and cannot be bought: they have no price.\n"
        "\n"
        "* Steel bottle\n"
        "    750 ml: costs 8.40 USD; no exchange rate to EUR\n"
    )


def test_an_intervention_reads_well_as_plain_text() -> None:
    assert render("intervention", CONTEXTS["intervention"]).text == (
        "Order fjord:1001 needs a person\n"
        "\n"
        "AliExpress does not say whether it took the order; look there for zy-1-1\n"
        "\n"
        "Service:        zyenta-ops\n"
        "Severity:       HIGH\n"
        "Order:          fjord:1001\n"
        "Store:          Fjord & Pine\n"
        "Supplier:       AliExpress\n"
        "Supplier order: zy-1-1\n"
        "Since:          2 November 2026, 12:05 UTC\n"
        "\n"
        "What you can do:\n"
        "\n"
        "see all there is to know\n"
        "    zyenta-ops orders show fjord:1001\n"
        "\n"
        "place it again\n"
        "    zyenta-ops orders retry fjord:1001\n"
        "\n"
        "Nothing more is sent about this until it is over.\n"
    )


def test_the_html_says_what_the_text_says() -> None:
    for template, expected in (
        ("stock-alert", ["Steel bottle", "750 ml", "sold out at the supplier (before: 14)"]),
        ("price-alert", ["+15.0 %", "was 8.40 USD", "24.99 EUR", "adjusted from 21.99 EUR"]),
        ("price-missing", ["Steel bottle", "750 ml", "costs 8.40 USD; no exchange rate to EUR"]),
        (
            "digest",
            [
                "since 1 November 2026, 17:15 UTC; 3 of 7 variants",
                "was 8.40 USD",
                "costs 8.40 USD; no exchange rate to EUR",
            ],
        ),
        ("sync-failure", ["Nordic Supply (nordic)", "run-1", "answered with an HTML page"]),
        ("account-alert", ["zyenta-ops supplier connect aliexpress --store fjord"]),
        ("account-failure", ["AliExpress (aliexpress)", "run-1", "may not read products"]),
        ("intervention", ["zy-1-1", "place it again", "zyenta-ops orders retry fjord:1001"]),
    ):
        text = Page(render(template, CONTEXTS[template]).html).text
        assert [each for each in expected if each not in text] == []


def hostile(value: Any) -> Any:
    """The same context with every text from outside made hostile."""
    if isinstance(value, dict):
        return {key: each if key == "type" else hostile(each) for key, each in value.items()}
    if isinstance(value, list):
        return [hostile(each) for each in value]
    return HOSTILE if isinstance(value, str) else value


@pytest.mark.parametrize("template", sorted(CONTEXTS))
def test_hostile_text_is_harmless_wherever_it_stands(template: str) -> None:
    rendered = render(template, hostile(CONTEXTS[template]))

    page = Page(rendered.html)
    assert page.open == []
    assert not [attrs for tag, attrs in page.tags if tag == "img" or "onerror" in attrs]
    assert "<img src=x onerror=alert(1)>" in page.text
    for part in (rendered.subject, rendered.text, rendered.html):
        assert not re.search("[\u202a-\u202e\u2066-\u2069\r\x00]", part)
        assert not re.search(r"^\s*Bcc:", part, re.MULTILINE)
    assert "{{ 7*7 }}" in rendered.text
    assert "🎿" in page.text
    assert "\n" not in rendered.subject
    assert len(rendered.subject) <= 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\tc\x00d\x7fe", "a b c d e"),
        ("line\u2028separator", "line separator"),
        ("👩\u200d🚀, नक्\u200dश", "👩\u200d🚀, नक्\u200dश"),
        ("\u202egpj.exe", "gpj.exe"),
        ("broken \ud83d surrogate", "broken ? surrogate"),
    ],
)
def test_text_is_brought_onto_one_harmless_line(text: str, expected: str) -> None:
    assert single_line(text) == expected


def test_a_context_that_lacks_something_is_refused_by_name_and_not_quoted() -> None:
    context = {key: each for key, each in CONTEXTS["stock-alert"].items() if key != "user_name"}

    with pytest.raises(DeliveryRefused) as refusal:
        render("stock-alert", context)

    assert str(refusal.value) == (
        "mail template 'stock-alert' cannot be rendered: 'user_name' is undefined"
    )


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(DeliveryRefused, match="there is no mail template 'nope'"):
        render("nope", {})
