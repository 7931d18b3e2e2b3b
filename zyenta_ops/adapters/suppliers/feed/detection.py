"""What a file is, told from its first bytes: format, encoding, delimiter, or why it is no feed."""

from __future__ import annotations

import codecs
import csv
import json
import re
from typing import Final

from zyenta_ops.adapters.suppliers.feed.config import Format
from zyenta_ops.domain.errors import SourceInvalid

SAMPLE_BYTES: Final = 256 * 1024

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC: Final = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a media file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Office document"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x1f\x8b", "an archive inside an archive"),
    (b"PK\x03\x04", "an archive inside an archive"),
    (b"SQLite format", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_HTML: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|title|div|p)"
    r"\b",
    re.IGNORECASE | re.DOTALL,
)
_DELIMITERS: Final = (",", ";", "\t", "|")

FALLBACK: Final = "zyenta.cp1252"


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is not UTF-8 as Windows-1252: the sample before it may have been ASCII."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", errors="replace"), error.end


codecs.register_error(FALLBACK, _as_cp1252)


def refuse_unless_text(sample: bytes, encoding: str) -> None:
    """Refuse what no feed looks like.

    Raises:
        SourceInvalid: empty, a known binary format, or full of control characters.
    """
    if not sample.strip():
        raise SourceInvalid("the feed is empty; the last catalogue stays in force")
    for magic, meaning in _MAGIC:
        if sample.startswith(magic):
            raise SourceInvalid(f"the file is {meaning}, not a feed; publish CSV, JSON or XML")
    text = sample.decode(encoding, errors="replace")
    controls = sum(1 for char in text[:65536] if char < " " and char not in "\t\r\n\f\x00")
    nuls = text.count("\x00")
    if controls > len(text[:65536]) // 20 or nuls > len(text) // 20:
        raise SourceInvalid("the file is binary data, not a feed; publish CSV, JSON or XML")


def encoding_of(sample: bytes, complete: bool) -> str:
    """The encoding of a text from a sample of it.

    Args:
        sample: the first bytes.
        complete: whether they are all there is; otherwise the last character may be cut.
    """
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    if wide := _wide_encoding(sample[:4096]):
        return wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=complete)
    except UnicodeDecodeError:
        return _legacy_encoding(sample)
    return "utf-8"


def _wide_encoding(sample: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    half = len(sample) // 2
    if half > 4:
        if sample[1::2].count(0) > half * 0.4 and sample[0::2].count(0) < half * 0.1:
            return "utf-16-le"
        if sample[0::2].count(0) > half * 0.4 and sample[1::2].count(0) < half * 0.1:
            return "utf-16-be"
    return None


# What feeds are found in besides Unicode; more candidates only make the guess worse.
_LEGACY: Final = ["cp1252", "cp1250", "cp1251", "shift_jis", "gb18030"]


def _legacy_encoding(sample: bytes) -> str:
    """The likeliest encoding older than Unicode; Western European where others are no better."""
    from charset_normalizer import from_bytes

    # The accented lines alone: in a feed they are few, and the library looks at a few slices.
    telling = b"\n".join([line for line in sample.splitlines() if not line.isascii()][:200])
    matches = from_bytes(telling, cp_isolation=_LEGACY)
    best = matches.best()
    if best is None or str(best) == telling.decode("cp1252", errors="replace"):
        return "cp1252"
    western = [each for each in matches if each.encoding == "cp1252"]
    if western and (western[0].chaos, -western[0].coherence) <= (best.chaos, -best.coherence):
        return "cp1252"
    return best.encoding


def format_of(text: str, wanted: Format) -> Format:
    """The format of a feed from its decoded beginning.

    Raises:
        SourceInvalid: it is a web page.
    """
    start = text.lstrip("\ufeff \t\r\n")
    if _HTML.match(start):
        raise SourceInvalid(
            "the answer is a web page (HTML), not a feed: the address may lead to a login or error "
            "page"
        )
    if wanted is not Format.AUTO:
        return wanted
    if start.startswith("<"):
        return Format.XML
    if start.startswith(("{", "[")):
        return _json_kind(start)
    return Format.CSV


def _json_kind(start: str) -> Format:
    if start[0] == "[":
        return Format.JSON
    first, _, rest = start.partition("\n")
    try:
        item = json.loads(first)
    except (ValueError, RecursionError):
        return Format.JSON
    # A document ends with its object: what follows a whole one is further lines, good or bad.
    if rest.strip() or not any(isinstance(value, list) for value in item.values()):
        return Format.NDJSON
    return Format.JSON


def delimiter_of(text: str) -> str:
    """The delimiter that splits the beginning into the most columns, the same in most rows."""
    declared = re.match(r"\ufeff?sep=(.)\r?\n", text, re.IGNORECASE)
    if declared:
        return declared[1]
    lines = text.splitlines(keepends=True)[:200]
    return max(_DELIMITERS, key=lambda delimiter: _score(lines, delimiter))


def _score(lines: list[str], delimiter: str) -> float:
    widths = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            if row:
                widths.append(len(row))
    except csv.Error:
        return 0
    if not widths or widths[0] == 1:
        return 0
    # The last row may be cut by the end of the sample.
    body = widths[1:-1] or widths[1:]
    alike = sum(width == widths[0] for width in body) / len(body) if body else 1
    return widths[0] * (0.2 + alike)
