"""Logins that do not show themselves."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from zyenta_ops.domain.credentials import Credentials, CredentialsKind, Secret
from zyenta_ops.domain.errors import Refused

SENTINEL = "sentinel-5f2b"


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format])
def test_a_secret_shows_nothing(show: Any) -> None:
    credentials = Credentials.of({"header": ["X-Token", SENTINEL]})
    assert SENTINEL not in show(credentials)
    assert show(credentials.secret) == "Secret(***)"


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_copied_out(copied: Any) -> None:
    with pytest.raises(TypeError, match="a secret is not pickled"):
        copied(Secret(b"x"))


def test_a_header_and_a_basic_login_are_read_and_given_back() -> None:
    header = Credentials.of({"header": ["X-Token", "abc"]})
    basic = Credentials.of({"basic": ["me", "a:b c"]})
    assert (header.kind, header.header, header.basic) == (
        CredentialsKind.HEADER,
        ("X-Token", "abc"),
        None,
    )
    assert (basic.kind, basic.header, basic.basic) == (CredentialsKind.BASIC, None, ("me", "a:b c"))
    assert Credentials.of(header.document()) == header
    assert Credentials.of(basic.document()) == basic


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"token": SENTINEL},
        {"header": ["X-Token", SENTINEL], "basic": ["a", "b"]},
        {"header": SENTINEL},
        {"header": ["X-Token", SENTINEL, "more"]},
        {"header": ["X-Token", f"{SENTINEL}\r\nHost: elsewhere"]},
        {"header": ["X Token", SENTINEL]},
        {"header": ["X-Token", f"{SENTINEL}é"]},
        {"header": ["", SENTINEL]},
        {"basic": ["a:b", SENTINEL]},
        {"basic": [SENTINEL, 7]},
        {"basic": [SENTINEL, ""]},
    ],
)
def test_unusable_credentials_are_refused_without_being_quoted(document: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        Credentials.of(document)
    assert SENTINEL not in str(refusal.value)
    assert "credentials" in str(refusal.value)


@pytest.mark.parametrize("content", [b"\xff" + SENTINEL.encode(), b'["sentinel-5f2b"]'])
def test_an_opened_secret_that_is_no_document_is_refused_without_being_quoted(
    content: bytes,
) -> None:
    with pytest.raises(Refused, match="is not a JSON object") as refusal:
        Secret(content).document()
    assert SENTINEL not in str(refusal.value)
