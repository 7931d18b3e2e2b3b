"""Amounts as Stripe takes and shows them: whole minor units, of which a currency has its own."""

from __future__ import annotations

from zyenta_ops.sandbox.stripe.errors import invalid
from zyenta_ops.sandbox.stripe.params import Params

# docs.stripe.com/currencies
ZERO_DECIMAL = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split()  # noqa: SIM905
)
THREE_DECIMAL = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))
CURRENCIES = (
    ZERO_DECIMAL
    | THREE_DECIMAL
    | frozenset(
        "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn "  # noqa: SIM905
        "bzd cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq "
        "gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl "
        "mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln "
        "qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs "
        "uah uyu uzs wst yer zar zmw".split()
    )
)
_SMALLEST = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50, "cad": 50, "aud": 50}
_LARGEST = 99_999_999
_SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def currency(params: Params, name: str = "currency") -> str:
    """A currency in lower case."""
    found = params.text(name).lower()
    if found not in CURRENCIES:
        raise invalid(f"Invalid currency: {found}", params.named(name))
    return found


def positive(params: Params, name: str) -> int | None:
    """A number above zero, None when it is missing."""
    found = params.number(name)
    if found is not None and found < 1:
        raise invalid("Invalid positive integer", params.named(name), "parameter_invalid_integer")
    return found


def chargeable(params: Params, name: str, unit: str) -> int:
    """An amount that can be charged."""
    params.require(name)
    found = positive(params, name) or 0
    least = _SMALLEST.get(unit, 1)
    if found < least:
        said = f"Amount must be at least {shown(least, unit)} {unit}"
        raise invalid(said, params.named(name), "amount_too_small")
    if found > _LARGEST:
        said = f"Amount must be no more than {shown(_LARGEST, unit)}"
        raise invalid(said, params.named(name), "amount_too_large")
    return found


def shown(amount: int, unit: str) -> str:
    """An amount for people."""
    digits = 0 if unit in ZERO_DECIMAL else 3 if unit in THREE_DECIMAL else 2
    whole, part = divmod(amount, 10**digits)
    number = f"{whole:,}" + (f".{part:0{digits}}" if digits else "")
    return f"{_SIGNS[unit]}{number}" if unit in _SIGNS else f"{number} {unit.upper()}"
