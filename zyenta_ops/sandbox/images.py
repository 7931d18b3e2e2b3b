"""Pictures of the products that do not exist: PNG files drawn from the product's number."""

from __future__ import annotations

import re
import struct
import zlib
from functools import lru_cache

from zyenta_ops.sandbox.chance import between
from zyenta_ops.sandbox.wire import Answer

SIDE = 640
_PATH = re.compile(r"/(\w+)/(\d+)/(\d+)\.png$")


def image_answer(path: str) -> Answer:
    """The picture at `/<vendor>/<product>/<number>.png`."""
    found = _PATH.match(path)
    if found is None:
        return Answer(404, b"no such image\n", {"Content-Type": "text/plain"}, "not found")
    vendor, product, number = found.groups()
    return Answer(200, _png(f"{vendor}/{product}", int(number)), {"Content-Type": "image/png"})


@lru_cache(maxsize=256)
def _png(product: str, number: int) -> bytes:
    """A disc in the product's colour before a wall in the picture's."""
    disc = bytes(between(30, 220, product, n) for n in range(3))
    wall = bytes(between(180, 250, product, number, n) for n in range(3))
    centre, radius = SIDE // 2, between(SIDE // 5, SIDE // 3, product, number)
    rows = bytearray()
    for y in range(SIDE):
        reach = radius * radius - (y - centre) ** 2
        half = int(reach**0.5) if reach > 0 else 0
        side = wall * (centre - half)
        rows += b"\0" + side + disc * (2 * half) + side
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + checksum
