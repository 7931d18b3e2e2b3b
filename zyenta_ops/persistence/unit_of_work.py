"""One transaction's repositories, each made when first asked for."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import Connection

from zyenta_ops.persistence.catalog import SweepRecords
from zyenta_ops.persistence.inventory import InventoryRecords


class Repositories:
    """The repositories of one open transaction; satisfies `zyenta_ops.ports.Repositories`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @cached_property
    def sweeps(self) -> SweepRecords:
        """Sweeps and offers."""
        return SweepRecords(self.connection)

    @cached_property
    def inventory(self) -> InventoryRecords:
        """Stock and status of stores' products."""
        return InventoryRecords(self.connection)
