"""XML whose items are repeated elements: RSS and Atom of Google Merchant Center, price lists.

Parsed as a stream with every element dropped once it is read. Entity declarations and external
references are refused: they serve attacks, not catalogues. defusedxml refuses them, too, but only
with a parser written in Python, which takes twice as long.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NoReturn

from zyenta_ops.adapters.suppliers.feed.formats import Table
from zyenta_ops.adapters.suppliers.feed.formats.items import LONGEST_ITEM, Located, items_table
from zyenta_ops.domain.errors import SourceInvalid

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_USUAL: Final = frozenset(
    ["item", "entry", "product", "offer", "shopitem", "article", "artikel", "produkt", "produit"]
)
# Roots whose items are known even when there are none.
_ITEM_OF_ROOT: Final = {"rss": "item", "RDF": "item", "feed": "entry"}
_GOOGLE: Final = "{http://base.google.com/ns/1.0}"


def xml_table(stream: BinaryIO, encoding: str, item_path: str | None, sample: bytes) -> Table:
    """Read the items of an XML document one at a time.

    Args:
        stream: the document.
        encoding: its encoding, or "auto" for the one it declares.
        item_path: the name of the repeated element; None for the likeliest one.
        sample: the document's beginning.

    Raises:
        SourceInvalid: no element repeats; while reading, the document is damaged or hostile.
    """
    declared = None if encoding == "auto" else encoding
    name = item_path.rpartition(".")[2] if item_path else _likely_item(sample, declared)
    return items_table(_items(_Bounded(stream), name, declared))


class _Bounded:
    """A byte stream that ends a document whose items never end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.since_item = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.since_item += len(chunk)
        if self.since_item > LONGEST_ITEM:
            raise SourceInvalid("an item of the XML document is far too long to be a product")
        return chunk


class _WithoutEntities:
    """A byte stream that ends at a declaration of an entity, before its reader sees it.

    Entities are declared before the first element or not at all. Up to there another parser of the
    same library reads ahead, whose handlers refuse them, and a document that it cannot read is read
    by nobody.
    """

    def __init__(self, stream: Any, encoding: str | None) -> None:
        from xml.parsers.expat import ParserCreate

        self._stream = stream
        parser = ParserCreate(encoding)
        parser.EntityDeclHandler = _refuse
        parser.UnparsedEntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = _refuse
        parser.StartElementHandler = _end_of_prolog
        self._ahead: Any = parser

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self._stream.read(size)
        if self._ahead is not None:
            try:
                self._ahead.Parse(chunk, not chunk)
            except _FirstElement:
                self._ahead = None
        return chunk


class _FirstElement(Exception):
    """From here on nothing can be declared."""


def _end_of_prolog(*_: object) -> None:
    raise _FirstElement


def _refuse(*_: object) -> NoReturn:
    raise SourceInvalid("the XML document declares entities, which are not accepted")


def _items(source: _Bounded, name: str, encoding: str | None) -> Iterator[Located]:
    number = 0
    path: list[Element] = []
    depth_of_item = 0
    for event, element in safe_events(source, encoding):
        if event == "start":
            path.append(element)
            if not depth_of_item and len(path) > 1 and _local(element.tag) == name:
                depth_of_item = len(path)
            continue
        depth = len(path)
        path.pop()
        if depth_of_item and depth > depth_of_item:
            continue
        if depth == depth_of_item:
            number += 1
            depth_of_item = 0
            source.since_item = 0
            yield number, _value(element)
        if path:
            path[-1].remove(element)


def safe_events(source: Any, encoding: str | None) -> Iterator[tuple[str, Element]]:
    """The starts and ends of all elements of a document.

    Raises:
        SourceInvalid: the document is damaged, declares entities, or has an unknown encoding.
    """
    from xml.etree.ElementTree import ParseError, XMLParser, iterparse
    from xml.parsers.expat import ExpatError

    guarded = _WithoutEntities(source, encoding)
    try:
        parser = XMLParser(encoding=encoding)  # noqa: S314 (guarded)
        yield from iterparse(guarded, ("start", "end"), parser)  # noqa: S314 (guarded)
    except (ParseError, ExpatError) as error:
        line = error.position[0] if isinstance(error, ParseError) else error.lineno
        raise SourceInvalid(f"the XML document is damaged or cut short at line {line}") from error
    except (LookupError, ValueError) as error:
        raise SourceInvalid("the XML document's encoding is not supported; use UTF-8") from error


def _likely_item(sample: bytes, encoding: str | None) -> str:
    """The usual name found first, else the element below the root that repeats most."""
    depth = 0
    repeated: Counter[str] = Counter()
    try:
        for event, element in safe_events(io.BytesIO(sample), encoding):
            depth += 1 if event == "start" else -1
            name = _local(element.tag)
            if event == "start" and depth == 1 and name in _ITEM_OF_ROOT:
                return _ITEM_OF_ROOT[name]
            if event == "start" and depth > 1 and name.lower() in _USUAL:
                return name
            if event == "start" and depth == 2:
                repeated[name] += 1
    except SourceInvalid as error:
        if "entities" in str(error) or "encoding" in str(error):
            raise
    if not repeated:
        raise SourceInvalid(
            "no element of the XML document looks like a product; name it under 'item_path'"
        )
    return repeated.most_common(1)[0][0]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _value(element: Element) -> Any:
    """An element as text when it has no children or attributes, else as a mapping."""
    if not len(element) and not element.attrib:
        return element.text or ""
    found: dict[str, Any] = {_local(name): value for name, value in element.attrib.items()}
    owners: dict[str, bool] = {}
    for child in element:
        name, of_google = _local(child.tag), child.tag.startswith(_GOOGLE)
        value = _value(child)
        if name not in owners or (of_google and not owners[name]):
            found[name], owners[name] = value, of_google  # g:title counts, not RSS's title
        elif of_google == owners[name]:
            earlier = found[name]
            found[name] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
    if not len(element) and (element.text or "").strip():
        return {**found, "text": element.text} if found else element.text
    return found
