"""Templates to mail: a subject, a text and an HTML part each, in `templates/`.

    NAME.subject.txt.j2   one line
    NAME.txt.j2           for readers of plain text
    NAME.html.j2          extends base.html.j2; styles are inline because mail clients drop others

Mails to customers take their sentences from `languages`, in that of the context's `locale`.

Every value is hostile until cleaned: suppliers write product titles. HTML is escaped, and in both
parts a value can break neither out of its line nor out of its reading direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zyenta_ops.adapters.mail.languages import language_of
from zyenta_ops.domain.errors import DeliveryRefused

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES: Final = Path(__file__).parent / "templates"

_LONGEST_VALUE: Final = 1_000
_LONGEST_SUBJECT: Final = 200
# Controls that reorder what follows them: U+202E alone makes "gpj.exe" read "exe.jpg". The
# joiners U+200C and U+200D stay, emoji and Persian need them.
_DIRECTION: Final = dict.fromkeys(
    (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """The parts of a mail."""

    subject: str
    text: str
    html: str


def render(template: str, context: dict[str, Any]) -> Rendered:
    """Render the three parts of a template.

    Raises:
        DeliveryRefused: there is no such template, or the context lacks something it needs.
    """
    from jinja2 import TemplateError, TemplateNotFound

    language = language_of(str(context.get("locale", "")))
    speaking = {
        "lang": language.name,
        "say": language.say,
        "money": language.money,
        "day": language.day,
    }

    def part(name: str) -> str:
        return _environment().get_template(f"{template}.{name}.j2").render(context | speaking)

    try:
        subject = single_line(part("subject.txt"))[:_LONGEST_SUBJECT]
        return Rendered(subject, part("txt").strip() + "\n", part("html"))
    except TemplateNotFound:
        raise DeliveryRefused(f"there is no mail template '{template}'") from None
    except TemplateError as error:
        # Jinja's text names what is missing; it never quotes values.
        raise DeliveryRefused(
            f"mail template '{template}' cannot be rendered: {error.message}"
        ) from None


def single_line(value: str) -> str:
    """Text on one line, with nothing invisible that would act on what stands around it."""
    text = value.encode("utf-8", "replace").decode().translate(_DIRECTION)
    printable = "".join(each if each >= " " and each != "\x7f" else " " for each in text)
    return " ".join(printable.split())


def _clean(value: Any) -> Any:
    from markupsafe import Markup

    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return single_line(value[:_LONGEST_VALUE])


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        finalize=_clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
