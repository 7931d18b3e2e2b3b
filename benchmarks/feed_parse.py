"""Reading a supplier's feed: flat memory, a million rows in a minute, XML safely and fast.

Writes feeds of 100,000 and 1,000,000 rows (Shopify CSV with costs; one row in four begins a
product) and reads each to its end, in turn, in a fresh process whose peak resident memory is the
memory figure. The items of an XML feed of 50,000 are read in turn with the feed's parser and with
defusedxml, which refuses the same attacks. All of it is work of one process on one core, and all
times are processor time, to which other work on the machine adds little.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from measure import Report, at_least, at_most, in_fresh_process, median, options, peak_mib, timed

SMALL, LARGE, ITEMS = 100_000, 1_000_000, 50_000
HEADER = (
    "Handle,Title,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,"
    "Variant Inventory Policy,Variant Price,Image Src,Cost per item,Status\n"
)
ITEM = (
    "<item><g:id>SKU-{row}</g:id><title>Product {product} &amp; more</title>"
    "<g:item_group_id>P{product}</g:item_group_id><g:price>{price}.99 USD</g:price>"
    "<g:availability>in stock</g:availability><g:condition>new</g:condition>"
    "<link>https://shop.example.com/{row}</link><g:brand>Acme</g:brand>"
    "<g:image_link>https://img.example.com/{row}.jpg</g:image_link></item>\n"
)


def write_feed(path: Path, rows: int) -> None:
    """A Shopify export of so many variants, the same on every run."""
    chance = random.Random(rows)
    with path.open("w") as file:
        file.write(HEADER)
        for row in range(rows):
            product, first = row // 4, row % 4 == 0
            head = f"Product {product},true,Size" if first else ",,"
            price, cost = chance.randrange(100, 20_000), chance.randrange(100, 9_000)
            file.write(
                f"product-{product},{head},S{row % 4},SKU-{row},{chance.randrange(200)},deny,"
                f"{price / 100:.2f},https://img.example.com/{row}.jpg,{cost / 100:.2f},"
                f"{'active' if first else ''}\n"
            )


def write_xml(path: Path, rows: int) -> None:
    """A feed for Google Merchant Center of so many variants."""
    with path.open("w") as file:
        file.write('<rss xmlns:g="http://base.google.com/ns/1.0"><channel>\n')
        for row in range(rows):
            file.write(ITEM.format(row=row, product=row // 4, price=row % 90 + 1))
        file.write("</channel></rss>\n")


def read_feed(path: Path) -> dict[str, float]:
    """Read a feed to its end in this process."""
    from zyenta_ops.adapters.suppliers.feed import FeedConfig, FeedSource
    from zyenta_ops.domain.catalog import Market, Offer

    def read() -> int:
        with FeedSource(FeedConfig(location=str(path)), Market("US", "USD")).open(None) as reading:
            return sum(isinstance(entry, Offer) for entry in reading.entries)

    seconds, offers = timed(read, time.process_time)
    return {"offers": offers, "seconds": seconds, "mib": peak_mib()}


def parse_xml(path: Path, parse: Any) -> float:
    """Processor seconds for all elements of an XML feed, dropped at the end of each item."""

    def read() -> int:
        found = 0
        with path.open("rb") as file:
            events = parse(file)
            opened = [next(events)[1] for _ in range(2)]
            for event, element in events:
                if event == "end" and element.tag == "item":
                    found += 1
                    opened[-1].remove(element)
        return found

    seconds, items = timed(read, time.process_time)
    if items != ITEMS:
        raise SystemExit(f"{items} of {ITEMS} items were parsed")
    return seconds


def by_feed(file: BinaryIO) -> Iterator[Any]:
    """The events of the feed adapter's parser."""
    from zyenta_ops.adapters.suppliers.feed.formats.xml_items import safe_events

    return safe_events(file, None)


def by_defusedxml(file: BinaryIO) -> Iterator[Any]:
    """The events of defusedxml's."""
    from defusedxml.ElementTree import iterparse

    events: Iterator[Any] = iterparse(file, events=("start", "end"))
    return events


def measured(path: Path) -> dict[str, float]:
    """Read a feed in a fresh process."""
    result: dict[str, float] = in_fresh_process(__file__, "--read", path)
    return result


def measure(folder: Path, report: Report) -> None:
    """All feeds, in turn."""
    small, large, xml = folder / "small.csv", folder / "large.csv", folder / "feed.xml"
    write_feed(small, SMALL)
    write_feed(large, LARGE)
    write_xml(xml, ITEMS)
    results = [(measured(small), measured(large), measured(xml)) for _ in range(report.runs)]
    for result in results:
        if [each["offers"] for each in result] != [SMALL, LARGE, ITEMS]:
            raise SystemExit("a feed was not read in full")
    parse_xml(xml, by_feed)  # what is imported on first use is no part of parsing
    parse_xml(xml, by_defusedxml)
    parsers = [(parse_xml(xml, by_feed), parse_xml(xml, by_defusedxml)) for _ in results]
    seconds = median([more["seconds"] for _, more, _ in results])
    report.figures |= {
        "rows of CSV a processor second": LARGE / seconds,
        "items of XML a processor second": ITEMS
        / median([each["seconds"] for _, _, each in results]),
        "peak of 1M rows, MiB": median([more["mib"] for _, more, _ in results]),
    }
    report.claims += [
        at_most(
            "peak memory, 1M rows over 100k rows",
            median([more["mib"] / fewer["mib"] for fewer, more, _ in results]),
            1.3,
        ),
        at_most("processor time to read 1M rows", seconds, 60, "s"),
        at_least(
            "defusedxml / parsing the items of XML",
            median([theirs / ours for ours, theirs in parsers]),
            1.5,
        ),
    ]


def main() -> int:
    """Measure, report, and return the exit status."""
    parser = options(__doc__, runs=3)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.read:
        print(json.dumps(read_feed(chosen.read)))
        return 0
    report = Report("Reading feeds", chosen.runs, ("numpy", "defusedxml"))
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), report)
    return report.tell(chosen.json)


if __name__ == "__main__":
    sys.exit(main())
