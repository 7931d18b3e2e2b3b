from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.catalog_keys import SeenKeys, digests


def test_a_key_is_new_once_and_seen_ever_after() -> None:
    seen = SeenKeys()
    assert seen.add(["a", "b", "a"]).tolist() == [False, False, True]
    assert seen.add(["c", "b"]).tolist() == [False, True]
    assert len(seen) == 3


def test_asking_adds_nothing() -> None:
    seen = SeenKeys()
    seen.add(["a"])
    assert seen.contains(["a", "z"]).tolist() == [True, False]
    assert len(seen) == 1


def test_digests_made_beforehand_are_the_same_keys() -> None:
    seen = SeenKeys()
    seen.add(digests(["a", "b"]))
    assert seen.contains(["b", "c"]).tolist() == [True, False]
    assert seen.add(["a"]).tolist() == [True]


def test_no_keys_are_no_flags() -> None:
    seen = SeenKeys()
    assert seen.add([]).tolist() == []
    assert seen.contains([]).tolist() == []
    assert seen.contains(["a"]).tolist() == [False]
    assert len(seen) == 0


def test_a_digest_is_the_same_on_every_machine() -> None:
    # BLAKE2b with a digest size of 8 bytes of the text "a", read as a little-endian integer.
    assert digests(["a"]).tolist() == [int.from_bytes(bytes.fromhex("40f89e395b66422f"), "little")]


@given(st.lists(st.lists(st.text(max_size=2), max_size=40), max_size=20))
def test_it_answers_as_a_set_would(chunks: list[list[str]]) -> None:
    seen, model = SeenKeys(), set[str]()
    for chunk in chunks:
        expected = []
        for key in chunk:
            expected.append(key in model)
            model.add(key)
        assert seen.add(chunk).tolist() == expected
    assert len(seen) == len(model)
    asked = [*model, "never added"]
    assert seen.contains(asked).tolist() == [key in model for key in asked]


def test_a_million_keys_lie_in_few_runs_of_eight_bytes_each() -> None:
    seen = SeenKeys()
    for start in range(0, 1_000_000, 5_000):
        seen.add(np.arange(start, start + 5_000, dtype=np.uint64))
    assert len(seen) == 1_000_000
    assert len(seen._runs) <= 9
    assert sum(run.nbytes for run in seen._runs) == 8_000_000
