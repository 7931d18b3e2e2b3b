"""How commands answer: a table for people, one JSON document for programs, one exit status.

Exit status: 0 done, 1 refused or failed (one sentence on standard error), 2 wrong usage.
"""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any

import click

from zyenta_ops.domain.errors import ZyentaError
from zyenta_ops.domain.money import Money

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def plain(value: Any) -> Any:
    """A value as JSON knows it: money as {minor, currency}, decimals and times as text.

    Durations are whole seconds; ranks go by their names.
    """
    if is_dataclass(value) and not isinstance(value, type | Money):
        return {key: plain(item) for key, item in _fields(value).items()}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value // timedelta(seconds=1)
    if isinstance(value, Decimal | Path):
        return str(value)
    return value


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def answer(result: Any, as_json: bool, show: Callable[[], None]) -> None:
    """Print a result: as JSON when asked, else by calling `show`."""
    if as_json:
        click.echo(json.dumps(plain(result), indent=2, ensure_ascii=False))
    else:
        show()


def _nobody_reads() -> bool:
    """Whether standard output is a pipe that was closed; what is left for it is thrown away."""
    try:
        out = sys.stdout.fileno()
    except OSError:  # it is no file
        return False
    looking = select.poll()
    looking.register(out, 0)  # errors are told whatever is asked for
    if not looking.poll(0):
        return False
    # Python flushes once more at its end, and would complain.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, out)
    os.close(nowhere)
    return True


class Commands(click.Group):
    """A group whose commands report expected errors as one sentence and exit 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, turning expected errors into a message and exit status 1.

        Whoever closes the pipe has read enough: that is no error.
        """
        try:
            return super().invoke(ctx)
        except ZyentaError as error:
            # What was called for may hold line breaks, and is quoted.
            raise click.ClickException(" ".join(str(error).splitlines())) from error
        except OSError as error:
            if isinstance(error, BrokenPipeError) and _nobody_reads():
                ctx.exit(0)
            where = f" {error.filename}" if error.filename else ""
            raise click.ClickException(
                f"cannot go on: {error.strerror or type(error).__name__}{where}"
            ) from error
