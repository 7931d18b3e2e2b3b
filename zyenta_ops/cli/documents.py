"""JSON documents on the command line: the argument itself, or the file it names."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from zyenta_ops.domain.documents import pairs_once, repeated_fields
from zyenta_ops.domain.errors import Refused


def read_json(argument: str, what: str) -> dict[str, Any]:
    """The JSON object in a file, or in the argument where that looks like JSON.

    Numbers with a point are read as Decimal, so 0.1 is a tenth exactly.

    Args:
        argument: the text of the document, or a path.
        what: names the document in a refusal, "the strategy".

    Raises:
        Refused: the file cannot be read, it is not a JSON object, or it gives a field twice.
    """
    inline = argument.lstrip().startswith(("{", "[", '"'))
    where = f"{what} given" if inline else f"{what} file {argument}"
    try:
        text = argument if inline else Path(argument).read_text(encoding="utf-8")
        content = json.loads(text, parse_float=Decimal, object_pairs_hook=pairs_once)
    except OSError as error:
        raise Refused(f"{where} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused(f"{where} cannot be read: not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise Refused(
            f"{where} is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        ) from None
    except (ValueError, ArithmeticError, RecursionError):
        raise Refused(f"{where} holds a number or nesting beyond all use") from None
    if not isinstance(content, dict):
        raise Refused(f"{where} is not a JSON object; it must begin with a brace")
    if twice := next(repeated_fields(content), None):
        raise Refused(f"{where} gives {twice} twice; leave one of them out")
    return content
