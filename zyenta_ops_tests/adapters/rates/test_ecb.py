from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from zyenta_ops.adapters.rates import ECB_DAILY, open_ecb_rates
from zyenta_ops.domain.errors import Refused, SourceInvalid, SourceUnavailable
from zyenta_ops.domain.fx import FxRate
from zyenta_ops.ports.pricing import SkippedRate

# As published: prefixes, attribute quotes and the order of elements included.
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" \
xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
\t<gesmes:subject>Reference rates</gesmes:subject>
\t<gesmes:Sender>
\t\t<gesmes:name>European Central Bank</gesmes:name>
\t</gesmes:Sender>
\t<Cube>
{days}
\t</Cube>
</gesmes:Envelope>"""
DAILY = ENVELOPE.format(
    days="""\t\t<Cube time='2026-11-20'>
\t\t\t<Cube currency='USD' rate='1.0812'/>
\t\t\t<Cube currency='JPY' rate='163.06'/>
\t\t</Cube>"""
)
HISTORY = ENVELOPE.format(
    days="""<Cube time="2026-11-20"><Cube currency="USD" rate="1.0812"/></Cube>
<Cube time="1999-01-04"><Cube currency="USD" rate="1.1789"/><Cube currency="EEK" rate="15.6466"/>
</Cube>"""
)
NOVEMBER_20 = datetime(2026, 11, 20, tzinfo=UTC)


def never(url: str) -> bytes:
    raise AssertionError(f"{url} should not have been fetched")


def saved(folder: Path, content: str) -> str:
    path = folder / "rates.xml"
    path.write_text(content)
    return str(path)


def read(content: str, folder: Path) -> list[FxRate | SkippedRate]:
    return list(open_ecb_rates(saved(folder, content), never))


def test_a_days_rates_are_read_from_a_file(tmp_path: Path) -> None:
    assert read(DAILY, tmp_path) == [
        FxRate("EUR", "USD", Decimal("1.0812"), NOVEMBER_20, "ECB"),
        FxRate("EUR", "JPY", Decimal("163.06"), NOVEMBER_20, "ECB"),
    ]


def test_the_history_dates_every_rate_and_skips_currencies_of_the_past(tmp_path: Path) -> None:
    assert read(HISTORY, tmp_path) == [
        FxRate("EUR", "USD", Decimal("1.0812"), NOVEMBER_20, "ECB"),
        FxRate("EUR", "USD", Decimal("1.1789"), datetime(1999, 1, 4, tzinfo=UTC), "ECB"),
        SkippedRate("EEK", "EEK is not a currency of today's ISO 4217 list"),
    ]


def test_rates_are_fetched_from_an_https_url_when_it_is_opened() -> None:
    fetched: list[str] = []

    def fetch(url: str) -> bytes:
        fetched.append(url)
        return DAILY.encode()

    rates = open_ecb_rates(ECB_DAILY, fetch)
    assert fetched == [ECB_DAILY]
    assert len(list(rates)) == 2


@pytest.mark.parametrize(
    "url", ["http://me:secret@rates.example/daily.xml?key=secret", "ftp://x/y"]
)
def test_another_kind_of_url_is_refused_unfetched_and_without_its_secrets(url: str) -> None:
    with pytest.raises(Refused, match="are read from a file or an https URL") as refusal:
        open_ecb_rates(url, never)
    assert "secret" not in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceInvalid, match=r"there is no file .*rates\.xml; check the path"):
        open_ecb_rates(str(tmp_path / "rates.xml"), never)
    with pytest.raises(SourceUnavailable, match="cannot be read: Is a directory"):
        open_ecb_rates(str(tmp_path), never)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is not the XML of the ECB's reference rates"),
        ("<html><body>Not found</body></html>", "holds no reference rates of the ECB"),
        (DAILY[:-40], "is not the XML of the ECB's reference rates"),
        (DAILY.replace("2026-11-20", "yesterday"), "dates rates 'yesterday', which is not a date"),
        (DAILY.replace(" time='2026-11-20'", ""), "gives a rate for USD without a day"),
        (DAILY.replace("1.0812", "N/A"), "gives the rate EUR/USD of 2026-11-20 as 'N/A'"),
        (DAILY.replace("1.0812", "0"), "gives the rate EUR/USD of 2026-11-20 as '0'"),
        (
            DAILY.replace("?>", '?><!DOCTYPE x [<!ENTITY a "1">]>', 1),
            "is not the XML of the ECB's reference rates",
        ),
    ],
    ids=["empty", "a web page", "cut short", "a bad day", "no day", "no number", "zero", "a DTD"],
)
def test_anything_else_is_invalid(content: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(SourceInvalid) as error:
        read(content, tmp_path)
    assert reason in str(error.value)
    assert "rates.xml" in str(error.value)
