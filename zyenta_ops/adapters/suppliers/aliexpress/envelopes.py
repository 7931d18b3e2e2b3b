"""The envelopes of AliExpress's answers: what was asked for, or one of four kinds of error.

All of them come with HTTP 200:

1. `{"error_response": {"code": 15, "sub_code": "isv.…", "msg": "Remote service error"}}`
2. `{"code": "IllegalAccessToken", "type": "ISV", "message": "…"}`
3. `{"…_response": {"rsp_code": 605, "rsp_msg": "ITEM_ID_NOT_FOUND"}}`
4. `{"…_response": {"result": {"is_success": false, "error_code": "…"}}}`, where the flag may be
   called `success` or `ret`
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from zyenta_ops.adapters.suppliers.aliexpress.codes import error_of, meaning_of
from zyenta_ops.adapters.suppliers.aliexpress.shapes import truth
from zyenta_ops.adapters.suppliers.answers import entry, name, words
from zyenta_ops.adapters.suppliers.calls import Answer
from zyenta_ops.domain.supplier_errors import AnswerInvalid, SupplierError

_GOOD: Final = frozenset({"", "0", "00", "200"})
_FLAGS: Final = ("is_success", "success", "ret")
# Some of them hold a code, such as ITEM_ID_NOT_FOUND, and are never quoted.
_MESSAGES: Final = ("sub_msg", "msg", "rsp_msg", "resp_msg", "message", "error_msg")
# A code is quoted; a sentence, which may hold anything, is not.
_CODE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
# "This ban will last 7 more seconds"; the exact text was not verified.
_BAN: Final = re.compile(r"\b(\d{1,6})\s+(?:more\s+)?seconds?\b")


@dataclass(frozen=True)
class Opened:
    """An answer out of its envelope: what is inside and what is wrong, both of them perhaps."""

    result: Mapping[str, Any]
    fault: SupplierError | None

    def checked(self) -> Mapping[str, Any]:
        """The result of an answer without a fault; otherwise the fault is raised."""
        if self.fault is not None:
            raise self.fault
        return self.result


def result(answer: Answer) -> Mapping[str, Any]:
    """What was asked for.

    Raises:
        SupplierError: what the answer says instead.
        AnswerInvalid: it is in no envelope of AliExpress.
    """
    found = opened(answer.document()).checked()
    if not found:
        raise AnswerInvalid(f"AliExpress's answer (HTTP {answer.status}) holds no result")
    return found


def opened(document: Any) -> Opened:
    """An answer out of its envelope, whatever it is made of."""
    top = entry(document)
    body = _body(top)
    inner = entry(body.get("resp_result")) or body
    inside = entry(inner.get("result"))
    request_id = _code(top.get("request_id")) or _code(body.get("request_id"))
    refused = entry(top.get("error_response"))
    if "error_response" in top:
        request_id = _code(refused.get("request_id")) or request_id
        return Opened({}, _fault(refused, "system", request_id))
    # What the platform refuses says whose fault it is; what is not said may have been done.
    if body is top and not _is_good(top):
        return Opened(inside, _fault(top, "system", request_id))
    if not _is_good(inner):
        return Opened(inside, _fault(inner, "system", request_id))
    if any(truth(inside.get(flag)) is False for flag in _FLAGS):
        return Opened(inside, _fault(inside, "isv", request_id))
    return Opened(inside or inner, None)


def _body(top: Mapping[str, Any]) -> Mapping[str, Any]:
    """Inside `<method>_response`, whichever method it names: some accounts get an older name."""
    wrapped = [entry(value) for key, value in top.items() if key.endswith("_response")]
    return wrapped[0] if len(wrapped) == 1 else top


def _is_good(envelope: Mapping[str, Any]) -> bool:
    codes = (envelope.get(key) for key in ("rsp_code", "resp_code", "code"))
    return all(name(code) in _GOOD for code in codes)


def _fault(said: Mapping[str, Any], otherwise: str, request_id: str) -> SupplierError:
    """The error that an envelope tells of; unknown codes mean what `otherwise` does."""
    own = [code for key in ("sub_code", "error_code") if (code := _code(said.get(key)))]
    numbers = [code for key in ("rsp_code", "resp_code", "code") if (code := _code(said.get(key)))]
    messages = [words(said.get(key)) for key in _MESSAGES]
    spelt = [each for each in messages if each.isupper() and _CODE.fullmatch(each)]
    banned = next((found for each in messages if (found := _BAN.search(each))), None)
    return error_of(
        meaning_of([*own, *spelt, *numbers, _code(said.get("type")), otherwise]),
        code=next(iter((*own, *numbers)), ""),
        request_id=request_id,
        retry_after=float(banned[1]) if banned else None,
    )


def _code(value: Any) -> str:
    found = name(value)
    return found if _CODE.fullmatch(found) else ""
