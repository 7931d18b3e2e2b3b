"""Typing commands about payments."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner, Result

from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring


@dataclass
class Shell:
    """A terminal on one installation."""

    wiring: Wiring

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, list(words), obj=self.wiring)

    def json(self, *words: str) -> Any:
        """The JSON answer of a command that must succeed."""
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)
