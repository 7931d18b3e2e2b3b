"""Alembic's entry point; the connection comes from `zyenta_ops.persistence.migrations`."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from zyenta_ops.persistence import types
from zyenta_ops.persistence.migrations import VERSION_TABLE
from zyenta_ops.persistence.schema import metadata


def _render(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    if kind != "type":
        return False
    if isinstance(item, types.UtcDateTime):
        return "types.UtcDateTime()"
    if item is types.Document:
        return "types.Document"
    if item is types.Minor:
        return "types.Minor"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=_render,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
