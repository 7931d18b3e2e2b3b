"""The languages that customers are written to in: a file of sentences each, `NAME.toml`.

English is complete, and what a customer reads where no file speaks the customer's language. A file
also says how its language writes numbers and days, as CLDR has it. Amounts end in the code of their
currency, as in all our mails: several currencies share a sign.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from zyenta_ops.domain.errors import DeliveryRefused
from zyenta_ops.domain.money import Money

FOLDER: Final = Path(__file__).parent
FALLBACK: Final = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """What is said in a language, and how.

    Attributes:
        name: ISO 639.
        sentences: by key; `{names}` stand for what is put in.
        decimal: between whole units and the rest.
        group: between thousands.
        day_form: of a date, with `{day}`, `{month}` and `{year}`.
        months: January first.
    """

    name: str
    sentences: dict[str, str]
    decimal: str
    group: str
    day_form: str
    months: tuple[str, ...]

    def say(self, key: str, **what: object) -> str:
        """A sentence, with what is put into it.

        Raises:
            DeliveryRefused: there is no such sentence, or it wants something that is not given.
        """
        try:
            # What is put in is never read as a form itself.
            return self.sentences[key].format(**what)
        except KeyError as error:
            raise DeliveryRefused(f"the sentence '{key}' lacks {error}") from None

    def money(self, minor: int, currency: str) -> str:
        """An amount of minor units with the code of its currency: "1,234.50 EUR"."""
        text = f"{Money(minor, currency).amount:,}"
        swapped = text.translate({ord(","): self.group, ord("."): self.decimal})
        return f"{swapped} {currency}"

    def day(self, iso: str) -> str:
        """A day given as ISO 8601."""
        when = date.fromisoformat(iso)
        return self.day_form.format(day=when.day, month=self.months[when.month - 1], year=when.year)


def language_of(locale: str) -> Language:
    """The language of a locale such as "de-AT", English when we do not speak it."""
    name = locale.partition("-")[0].lower()
    return _read(name if name in names() else FALLBACK)


@cache
def names() -> tuple[str, ...]:
    """The languages there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def _read(name: str) -> Language:
    content = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    forms = content["forms"]
    return Language(
        name=name,
        sentences={
            f"{group}.{key}": sentence
            for group, sentences in content["sentences"].items()
            for key, sentence in sentences.items()
        },
        decimal=forms["decimal"],
        group=forms["group"],
        day_form=forms["day"],
        months=tuple(forms["months"]),
    )
