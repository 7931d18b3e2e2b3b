"""The package's public names, and what importing them costs."""

import subprocess
import sys

import pytest

from zyenta_ops.domain import pricing


def test_every_public_name_exists() -> None:
    assert [name for name in pricing.__all__ if not hasattr(pricing, name)] == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'guess_price'"):
        pricing.__getattr__("guess_price")


def test_importing_strategies_does_not_load_numpy() -> None:
    program = "import sys, zyenta_ops.domain.pricing; print('numpy' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert answer.stdout.strip() == "False"
