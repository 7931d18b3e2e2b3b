"""From a file on disk to offers: what the file is, what its columns mean, what its rows say."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from zyenta_ops.adapters.suppliers.feed import detection
from zyenta_ops.adapters.suppliers.feed.amounts import AmountReader, decimal_of
from zyenta_ops.adapters.suppliers.feed.assembly.facts import Facts, Located, is_blank
from zyenta_ops.adapters.suppliers.feed.assembly.flat import flat_offers
from zyenta_ops.adapters.suppliers.feed.assembly.shopify import shopify_offers
from zyenta_ops.adapters.suppliers.feed.assembly.woocommerce import more_options, woocommerce_offers
from zyenta_ops.adapters.suppliers.feed.columns import C, Column
from zyenta_ops.adapters.suppliers.feed.config import FeedConfig, Format, Preset
from zyenta_ops.adapters.suppliers.feed.duplicates import without_duplicates
from zyenta_ops.adapters.suppliers.feed.formats import Row, Table
from zyenta_ops.adapters.suppliers.feed.payload import payload_of
from zyenta_ops.adapters.suppliers.feed.presets import positions_of, preset_of
from zyenta_ops.domain.catalog import Market, Offer, Rejection
from zyenta_ops.domain.errors import SourceInvalid
from zyenta_ops.domain.money import exponent_of

_Assemble = Callable[[Iterator[Row | Rejection], Facts], Iterator[Located | Rejection]]

_ASSEMBLERS: Final[dict[Preset, _Assemble]] = {
    Preset.SHOPIFY: shopify_offers,
    Preset.WOOCOMMERCE: woocommerce_offers,
    Preset.GOOGLE: flat_offers,
    Preset.GENERIC: flat_offers,
}


@dataclass(frozen=True, slots=True)
class Understanding:
    """How a feed was read; `columns` maps each fact to the name of the column that gives it.

    `encoding` and `delimiter` are None where the format has none of its own choosing. `decimal`
    is the separator assumed where an amount leaves it open, None when such amounts are refused.
    """

    format: Format
    compression: str
    encoding: str | None
    delimiter: str | None
    preset: Preset
    columns: Mapping[Column, str]
    decimal: str | None


Opened = tuple[Understanding, Iterator[Offer | Rejection]]


@contextmanager
def read_feed(path: Path, config: FeedConfig, market: Market) -> Iterator[Opened]:
    """Open a file as offers, the stream lasting as long as the context.

    Raises:
        SourceInvalid: it is no feed, or lacks a column; also while iterating.
    """
    payload = payload_of(path, config.compression, config.limits.uncompressed_bytes)
    sample = payload.head(detection.SAMPLE_BYTES)
    complete = len(sample) < detection.SAMPLE_BYTES
    encoding = config.encoding
    if encoding == "auto":
        encoding = detection.encoding_of(sample, complete)
    detection.refuse_unless_text(sample, encoding)
    form = detection.format_of(sample.decode(encoding, errors="replace"), config.format)
    with ExitStack() as stack:
        table = _table(stack.enter_context(payload.open()), form, encoding, sample, config)
        if not table.columns and config.item_path:
            raise SourceInvalid(f"the feed holds no items at '{config.item_path}'")
        preset = preset_of(table.columns, config.preset)
        # A feed without a single item has no columns to miss.
        positions = positions_of(table.columns, preset, config.columns) if table.columns else {}
        usual = _usual_decimal(table, positions, market, config)
        strict = None if config.decimal == "auto" else config.decimal
        facts = Facts(
            positions,
            AmountReader(market.currency, strict, usual),
            config.cost_share_percent,
            _states_costs(table, positions),
            more_options(table.columns) if preset is Preset.WOOCOMMERCE else (),
        )
        understanding = Understanding(
            format=form,
            compression=payload.compression,
            encoding=None if form is Format.XML and config.encoding == "auto" else encoding,
            delimiter=table.delimiter,
            preset=preset,
            columns={column: table.columns[at] for column, at in positions.items()},
            decimal=strict or usual,
        )
        rows = _limited(table.rows, config.limits.rows)
        entries = without_duplicates(_ASSEMBLERS[preset](rows, facts))
        yield understanding, entries


def _table(
    stream: BinaryIO, form: Format, encoding: str, sample: bytes, config: FeedConfig
) -> Table:
    if form is Format.XML:
        from zyenta_ops.adapters.suppliers.feed.formats.xml_items import xml_table

        return xml_table(stream, config.encoding, config.item_path, sample)
    beginning = sample.decode(encoding, errors="replace")
    text = _decoded(stream, encoding, strict=config.encoding != "auto")
    if form in (Format.CSV, Format.TSV):
        from zyenta_ops.adapters.suppliers.feed.formats.delimited import delimited_table

        delimiter = config.delimiter
        if delimiter == "auto":
            delimiter = "\t" if form is Format.TSV else detection.delimiter_of(beginning)
        return delimited_table(text, delimiter)
    from zyenta_ops.adapters.suppliers.feed.formats.json_items import json_table, ndjson_table

    if form is Format.NDJSON:
        return ndjson_table(text)
    return json_table(text, beginning, config.item_path)


def _decoded(stream: BinaryIO, encoding: str, strict: bool) -> io.TextIOWrapper:
    errors = detection.FALLBACK if encoding.startswith("utf-8") and not strict else "strict"
    return io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")


def _usual_decimal(
    table: Table, positions: Mapping[Column, int], market: Market, config: FeedConfig
) -> str | None:
    """The decimal separator that the sample's amounts agree on."""
    if config.decimal != "auto":
        return config.decimal
    at = [positions[each] for each in (C.PRICE, C.COST, C.SALE_PRICE) if each in positions]
    amounts: Iterator[Any] = (cells[place] for _, cells in table.sample for place in at)
    return decimal_of(amounts, exponent_of(market.currency))


def _states_costs(table: Table, positions: Mapping[Column, int]) -> bool:
    """Whether the sample holds a cost; exports often carry the column and leave all of it empty."""
    at = positions.get(C.COST)
    return at is not None and any(not is_blank(cells[at]) for _, cells in table.sample)


def _limited(rows: Iterator[Row | Rejection], most: int) -> Iterator[Row | Rejection]:
    yield from islice(rows, most)
    if next(rows, None) is not None:
        raise SourceInvalid(
            f"the feed has more than {most:,} rows; raise its limit 'rows' if that is intended"
        )
