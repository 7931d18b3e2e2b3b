"""A set of keys that only answers "seen before?", small enough for catalogues of any size."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Digests = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

_EMPTY = np.empty(0, dtype=np.uint64)


def digests(keys: Sequence[str]) -> Digests:
    """The 64-bit BLAKE2b digest of each key, in order; the same on every machine and run."""
    packed = b"".join([blake2b(key.encode(), digest_size=8).digest() for key in keys])
    return np.frombuffer(packed, dtype="<u8").astype(np.uint64, copy=False)


class SeenKeys:
    """Remembers keys by a 64-bit digest: 8 bytes a key, a million keys in 8 MB.

    Digests lie in sorted runs whose sizes fall at least by half from one to the next, so there
    are at most log2(n) runs, every digest is merged O(log n) times, and membership of a chunk is
    one binary search per run.

    Two different keys count as one when their digests collide. Among n keys the chance that this
    happens even once is about n² / 2⁶⁵: 3 in 100 million for a million keys, 3 in a million for
    ten million. `add` and `contains` take keys as text or digests already made by `digests`.
    """

    __slots__ = ("_runs",)

    def __init__(self) -> None:
        self._runs: list[Digests] = []

    def __len__(self) -> int:
        """How many different keys were added."""
        return sum(run.size for run in self._runs)

    def add(self, keys: Sequence[str] | Digests) -> Mask:
        """Add keys in order.

        Returns:
            One flag per key: True where the key was added before, by an earlier call or earlier
            in this one.
        """
        wanted = _as_digests(keys)
        seen = np.ones(wanted.size, dtype=np.bool_)
        distinct, first = np.unique(wanted, return_index=True)
        known = self._known(distinct)
        seen[first[~known]] = False
        self._append(distinct[~known])
        return seen

    def contains(self, keys: Sequence[str] | Digests) -> Mask:
        """One flag per key: True where the key was added."""
        return self._known(_as_digests(keys))

    def _known(self, wanted: Digests) -> Mask:
        known = np.zeros(wanted.size, dtype=np.bool_)
        for run in self._runs:
            at = np.searchsorted(run, wanted)
            at[at == run.size] = 0
            known |= run[at] == wanted
        return known

    def _append(self, run: Digests) -> None:
        if not run.size:
            return
        while self._runs and self._runs[-1].size <= 2 * run.size:
            run = np.concatenate((self._runs.pop(), run))
            run.sort(kind="stable")  # timsort on 64-bit integers: two sorted runs merge linearly
        self._runs.append(run)


def _as_digests(keys: Sequence[str] | Digests) -> Digests:
    if isinstance(keys, np.ndarray):
        return keys.astype(np.uint64, copy=False)
    return digests(keys) if keys else _EMPTY
