"""Sealing secrets for storage: AES-256-GCM under a keyring, each bound to the row it belongs to.

A sealed text is base64url of `z1`, one byte of key id length, the key id, a nonce of 12 bytes and
the ciphertext with its tag. The row's name and the key id are authenticated with it, so a sealed
text copied into another row, or relabelled with another key, does not open. Nonces are random:
safe for 2^32 secrets under one key (NIST SP 800-38D, 8.3).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import secrets
import stat
from pathlib import Path
from typing import Any, Final

from zyenta_ops.domain.credentials import Secret
from zyenta_ops.domain.errors import Refused

_MARK: Final = b"z1"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,8}")


class Vault:
    """Satisfies `zyenta_ops.ports.stores.Vault`; never shows a key.

    Args:
        keyring: keys as `id:base64`, separated by commas. The first one seals, all of them open.

    Raises:
        Refused: the keyring is malformed; the text says where and quotes no key.
    """

    __slots__ = ("_active", "_keys")

    def __init__(self, keyring: str) -> None:
        self._keys = _parse(keyring)
        self._active = next(iter(self._keys))

    @classmethod
    def from_file(cls, path: Path) -> Vault:
        """The vault whose keyring is a file, made with a fresh key when there is none.

        Processes that come at the same time end with the same key.

        Raises:
            Refused: the file is malformed, cannot be read or written, or others may read it.
        """
        try:
            if not path.exists():
                _create(path)
            return cls(_read(path))
        except OSError as error:
            raise Refused(
                f"the keyring {path} cannot be used: {error.strerror}; make its folder writable"
                " or set ZYENTA_KEYRING"
            ) from None

    def seal(self, plaintext: bytes | dict[str, Any], *, row: str) -> str:
        """Seal bytes, or a document as JSON, for the row named `table|column|id`."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if isinstance(plaintext, dict):
            plaintext = json.dumps(plaintext, separators=(",", ":")).encode()
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self._keys[self._active]).encrypt(
            nonce, plaintext, _bound(row, self._active)
        )
        key_id = self._active.encode()
        envelope = _MARK + bytes([len(key_id)]) + key_id + nonce + sealed
        return base64.urlsafe_b64encode(envelope).decode()

    def open(self, token: str, *, row: str) -> Secret:
        """Open what was sealed for this row.

        Raises:
            Refused: no sealed text, altered, of another row, or under a key that is not at hand.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key_id, nonce, sealed = _taken_apart(token, row)
        if key_id not in self._keys:
            raise Refused(
                f"the secret in {row} is sealed with the key '{key_id}', which the keyring does"
                " not hold; add that key or store the secret again"
            )
        try:
            opened = AESGCM(self._keys[key_id]).decrypt(nonce, sealed, _bound(row, key_id))
        except InvalidTag:
            raise Refused(
                f"the secret in {row} does not open: it was altered, moved from another row or"
                f" sealed with another key called '{key_id}'; store it again"
            ) from None
        return Secret(opened)

    def is_current(self, token: str, *, row: str) -> bool:
        """Whether a sealed text is under the active key; if not it wants sealing again."""
        return _taken_apart(token, row)[0] == self._active

    def __repr__(self) -> str:
        return f"Vault(active={self._active!r})"


def _bound(row: str, key_id: str) -> bytes:
    return f"{row}|{key_id}".encode()


def _taken_apart(token: str, row: str) -> tuple[str, bytes, bytes]:
    try:
        envelope = base64.b64decode(token, altchars=b"-_", validate=True)
        if envelope[:2] != _MARK:
            raise ValueError
        start = 3 + envelope[2]
        return (
            envelope[3:start].decode("ascii"),
            envelope[start : start + _NONCE_BYTES],
            envelope[start + _NONCE_BYTES :],
        )
    except (ValueError, IndexError):
        raise Refused(f"the secret in {row} is not a sealed text; store it again") from None


def _parse(keyring: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for place, entry in enumerate(keyring.strip().split(","), start=1):
        key_id, colon, encoded = entry.strip().partition(":")
        if not colon or not _KEY_ID.fullmatch(key_id):
            raise Refused(
                f"key {place} of the keyring is not of the form id:base64 with an id of up to 8"
                " letters, digits, _ or -"
            )
        if key_id in keys:
            raise Refused(f"the keyring holds two keys called '{key_id}'")
        keys[key_id] = _key(key_id, encoded)
    return keys


def _key(key_id: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded.translate(str.maketrans("-_", "+/")), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != _KEY_BYTES:
        raise Refused(
            f"the key '{key_id}' of the keyring is not the base64 of {_KEY_BYTES} bytes; make one"
            " with: openssl rand -base64 32"
        )
    return key


def _read(path: Path) -> str:
    with path.open(encoding="ascii", errors="replace") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise Refused(f"the keyring {path} can be read by other users; run: chmod 600 {path}")
        return file.read()


def _create(path: Path) -> None:
    """Write a fresh keyring beside `path`, then link it there unless somebody else just did."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A random id: a secret sealed under a lost keyring is then recognised as such.
    fresh = f"{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}\n"
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
    finally:
        draft.unlink()
