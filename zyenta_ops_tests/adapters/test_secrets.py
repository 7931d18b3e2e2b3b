"""The vault: sealed for one row, under one key, and silent."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.domain.errors import Refused

SENTINEL = b"sentinel-5f2b"
ROW = "supplier_account|credentials|id-1"


def key(byte: int) -> str:
    return base64.b64encode(bytes([byte]) * 32).decode()


OLD = f"k1:{key(1)}"
NEW = f"k2:{key(2)}"


@pytest.mark.parametrize("plaintext", [SENTINEL, b"", b"x" * 100_000])
def test_what_was_sealed_opens_again(plaintext: bytes) -> None:
    vault = Vault(NEW)
    assert vault.open(vault.seal(plaintext, row=ROW), row=ROW).reveal() == plaintext


def test_a_document_is_sealed_as_json() -> None:
    vault = Vault(NEW)
    document = {"header": ["X-Token", "ü"]}
    assert vault.open(vault.seal(document, row=ROW), row=ROW).document() == document


def test_a_sealed_text_is_url_safe_names_its_key_and_never_repeats() -> None:
    vault = Vault(NEW)
    first, second = vault.seal(SENTINEL, row=ROW), vault.seal(SENTINEL, row=ROW)
    assert first != second
    envelope = base64.urlsafe_b64decode(first)
    assert envelope[:5] == b"z1\x02k2"
    assert len(envelope) == 5 + 12 + len(SENTINEL) + 16
    assert SENTINEL not in envelope


def test_a_sealed_text_copied_into_another_row_does_not_open() -> None:
    vault = Vault(NEW)
    token = vault.seal(SENTINEL, row=ROW)
    with pytest.raises(Refused, match="altered, moved from another row"):
        vault.open(token, row="supplier_account|credentials|id-2")


def test_every_altered_byte_is_noticed() -> None:
    vault = Vault(f"{NEW},k3:{key(3)}")
    envelope = base64.urlsafe_b64decode(vault.seal(SENTINEL, row=ROW))
    for place in range(len(envelope)):
        altered = bytearray(envelope)
        altered[place] ^= 1
        with pytest.raises(Refused) as refusal:
            vault.open(base64.urlsafe_b64encode(bytes(altered)).decode(), row=ROW)
        assert SENTINEL.decode() not in str(refusal.value)


def test_a_relabelled_key_does_not_open() -> None:
    same_key_twice = Vault(f"k2:{key(2)},k9:{key(2)}")
    envelope = base64.urlsafe_b64decode(Vault(NEW).seal(SENTINEL, row=ROW))
    relabelled = base64.urlsafe_b64encode(envelope.replace(b"k2", b"k9", 1)).decode()
    with pytest.raises(Refused, match="does not open"):
        same_key_twice.open(relabelled, row=ROW)


@pytest.mark.parametrize("token", ["", "plain text", "ejE", "x" * 40, "ejEC", "ÿ", "ejH/////"])
def test_what_is_no_sealed_text_is_refused(token: str) -> None:
    with pytest.raises(Refused, match=f"the secret in {ROW.replace('|', '.')} "):
        Vault(NEW).open(token, row=ROW)


def test_after_a_new_key_is_put_first_old_texts_still_open_and_want_sealing_again() -> None:
    old = Vault(OLD).seal(SENTINEL, row=ROW)
    rotated = Vault(f"{NEW},{OLD}")
    assert rotated.open(old, row=ROW).reveal() == SENTINEL
    assert not rotated.is_current(old, row=ROW)
    assert rotated.is_current(rotated.seal(SENTINEL, row=ROW), row=ROW)


def test_a_text_under_a_dropped_key_is_refused_by_the_keys_name() -> None:
    with pytest.raises(Refused, match="sealed with the key 'k1', which the keyring does not hold"):
        Vault(NEW).open(Vault(OLD).seal(SENTINEL, row=ROW), row=ROW)


@pytest.mark.parametrize(
    ("keyring", "sentence"),
    [
        ("", "key 1 of the keyring is not of the form id:base64"),
        (f"{NEW},", "key 2 of the keyring is not of the form id:base64"),
        (key(1), "key 1 of the keyring is not of the form id:base64"),
        (f"toolongid:{key(1)}", "key 1 of the keyring is not of the form id:base64"),
        (f"k|1:{key(1)}", "key 1 of the keyring is not of the form id:base64"),
        (f"{NEW},{NEW}", "the keyring holds two keys called 'k2'"),
        ("k1:AAAA", "the key 'k1' of the keyring is not the base64 of 32 bytes"),
        (f"k1:{key(1)}!", "the key 'k1' of the keyring is not the base64 of 32 bytes"),
    ],
)
def test_a_malformed_keyring_is_refused_without_being_quoted(keyring: str, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        Vault(keyring)
    assert str(refusal.value).startswith(sentence)
    assert key(1) not in str(refusal.value)


def test_both_base64_alphabets_and_spaces_around_keys_are_read() -> None:
    raw = bytes(range(224, 256))
    plain = Vault(f" a:{base64.b64encode(raw).decode()} ,\n{OLD}\n")
    url_safe = Vault(f"a:{base64.urlsafe_b64encode(raw).decode()}")
    assert url_safe.open(plain.seal(SENTINEL, row=ROW), row=ROW).reveal() == SENTINEL


def test_a_vault_shows_no_key() -> None:
    assert repr(Vault(NEW)) == str(Vault(NEW)) == "Vault(active='k2')"


def test_a_missing_keyring_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "home" / "keyring"
    token = Vault.from_file(path).seal(SENTINEL, row=ROW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["keyring"]
    assert Vault.from_file(path).open(token, row=ROW).reveal() == SENTINEL


def test_a_lost_keyring_file_is_told_from_an_altered_secret(tmp_path: Path) -> None:
    path = tmp_path / "keyring"
    token = Vault.from_file(path).seal(SENTINEL, row=ROW)
    path.unlink()
    with pytest.raises(Refused, match="which the keyring does not hold"):
        Vault.from_file(path).open(token, row=ROW)


def test_a_keyring_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keyring"
    path.write_text(NEW)
    path.chmod(0o640)
    with pytest.raises(Refused, match="can be read by other users; run: chmod 600"):
        Vault.from_file(path)
    assert path.read_text() == NEW


def test_a_keyring_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match=r"cannot be used: .*set ZYENTA_KEYRING"):
        Vault.from_file(tmp_path / "file" / "keyring")


def test_a_keyring_file_that_appears_meanwhile_is_the_one_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keyring"
    path.write_text(NEW)
    path.chmod(0o600)
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert repr(Vault.from_file(path)) == "Vault(active='k2')"
    assert [each.name for each in tmp_path.iterdir()] == ["keyring"]


def test_processes_that_make_the_keyring_at_once_end_with_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "keyring"
    program = (
        "import sys, time; from pathlib import Path; from zyenta_ops.adapters.secrets import Vault;"
        "print(flush=True); sys.stdin.readline();"
        f"print(repr(Vault.from_file(Path({str(path)!r}))), flush=True)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    answers = [process.communicate("go\n")[0] for process in processes]
    assert answers == [f"{Vault.from_file(path)!r}\n"] * 4
    assert [each.name for each in tmp_path.iterdir()] == ["keyring"]
