"""Content-addressed object stores: a folder, or a bucket.

Content is named by its SHA-256 and kept packed, in `<first two digits>/<name>.gz`.
"""

from __future__ import annotations

import gzip
from hashlib import sha256

from zyenta_ops.domain.errors import Refused


def name_of(content: bytes) -> str:
    """The name that content is kept under."""
    return sha256(content).hexdigest()


def is_name(name: str) -> bool:
    """Whether it is a name that `name_of` makes; a folder or bucket may hold what is not ours."""
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


def path_of(name: str) -> str:
    """Where in a store a name lies.

    Raises:
        Refused: no name that `name_of` makes.
    """
    if not is_name(name):
        raise Refused("an object's name is 64 hexadecimal digits")
    return f"{name[:2]}/{name}.gz"


def packed(content: bytes) -> bytes:
    """Content as it is kept: the same bytes for the same content."""
    return gzip.compress(content, compresslevel=6, mtime=0)
