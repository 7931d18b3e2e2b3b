"""Numbers that customs ask of whoever receives a parcel from abroad, with their check digits.

Sources: Receita Federal (CPF; CNPJ with letters since July 2026, IN RFB 2.229/2024), Servicio de
Impuestos Internos (RUT), Korea Customs Service (personal customs clearance code), Türkiye's
population registry (T.C. kimlik no).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

_MARKS: Final = re.compile(r"[\s.\-/]")
# Of the last check digit; the one before it uses them without the first.
_CPF_WEIGHTS: Final = (11, 10, 9, 8, 7, 6, 5, 4, 3, 2)
_CNPJ_WEIGHTS: Final = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)


def tax_id(country: str, text: str) -> str | None:
    """A number as customs write it; None when its check digits say that it is mistyped.

    Any text will do in a country whose customs ask for none.
    """
    if country not in _DEMANDED:
        return text.strip()
    _, read = _DEMANDED[country]
    return read(_MARKS.sub("", text).upper())


def tax_id_name(country: str) -> str | None:
    """What the number is called that customs of the country ask for; None = they ask for none."""
    return _DEMANDED[country][0] if country in _DEMANDED else None


def _brazilian(code: str) -> str | None:
    """A CPF of a person or a CNPJ of a company."""
    is_cpf = re.fullmatch(r"[0-9]{11}", code) and _has_checks(code, _CPF_WEIGHTS)
    is_cnpj = re.fullmatch(r"[0-9A-Z]{12}[0-9]{2}", code) and _has_checks(code, _CNPJ_WEIGHTS)
    # Numbers of one digit repeated pass the sums and are never given out.
    return code if (is_cpf or is_cnpj) and len(set(code)) > 1 else None


def _has_checks(code: str, weights: Sequence[int]) -> bool:
    """Whether the last two characters are what those before them come to, modulo 11."""
    values = [ord(character) - ord("0") for character in code]
    for used in (weights[1:], weights):
        rest = sum(value * weight for value, weight in zip(values, used, strict=False)) % 11
        if values[len(used)] != (0 if rest < 2 else 11 - rest):
            return False
    return True


def _chilean(code: str) -> str | None:
    """A RUT of a person or a company, modulo 11 with K for ten."""
    if not re.fullmatch(r"[0-9]{6,8}[0-9K]", code):
        return None
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(code[:-1])))
    check = "0123456789K0"[11 - total % 11]
    return f"{code[:-1].lstrip('0')}-{check}" if code[-1] == check else None


def _korean(code: str) -> str | None:
    """A personal customs clearance code; it has no check digit."""
    return code if re.fullmatch(r"P[0-9]{12}", code) else None


def _turkish(code: str) -> str | None:
    """A T.C. kimlik no, which foreigners who live there have too."""
    if not re.fullmatch(r"[1-9][0-9]{10}", code):
        return None
    digits = [int(digit) for digit in code]
    tenth = (7 * sum(digits[0:9:2]) - sum(digits[1:8:2])) % 10
    return code if digits[9:] == [tenth, sum(digits[:10]) % 10] else None


_DEMANDED: Final[dict[str, tuple[str, Callable[[str], str | None]]]] = {
    "BR": ("CPF or CNPJ", _brazilian),
    "CL": ("RUT", _chilean),
    "KR": ("personal customs clearance code (PCCC)", _korean),
    "TR": ("T.C. kimlik number", _turkish),
}
