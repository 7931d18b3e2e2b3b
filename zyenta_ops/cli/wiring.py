"""What commands get handed: settings, and the operations wired on them, each made on first use."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from zyenta_ops.settings import Settings

if TYPE_CHECKING:
    from zyenta_ops.bootstrap import Operations


class Wiring:
    """The object behind every command (`click.pass_obj`)."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._given = settings

    @cached_property
    def settings(self) -> Settings:
        """The settings of the environment, unless given."""
        return self._given or Settings.from_environment()

    def at_home(self, home: Path | None) -> Settings:
        """The settings with another state folder, if one is given."""
        return self.settings if home is None else replace(self.settings, home=home)

    @cached_property
    def _operations(self) -> Operations:
        from zyenta_ops.bootstrap import build, prepare

        prepare(self.settings)
        return build(self.settings)

    def operations(self) -> Operations:
        """The use cases; brings the embedded database to this version first.

        Raises:
            Refused: a configured database that is not migrated.
        """
        return self._operations
