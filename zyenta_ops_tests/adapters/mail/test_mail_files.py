from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from zyenta_ops.adapters.mail import FileTransport
from zyenta_ops.domain.errors import DeliveryDeferred, DeliveryRefused, Refused
from zyenta_ops_tests.adapters.mail.messages import SENDER, a_message


def test_a_mail_becomes_a_file_with_the_headers_of_an_automatic_mail(tmp_path: Path) -> None:
    with FileTransport(tmp_path / "mail", SENDER).open() as send:
        send(a_message(store_name="Fjörd 🎿"))

    (path,) = (tmp_path / "mail").iterdir()
    assert path.name == "20261102T120507Z-01k8xyz.eml"
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Message-ID"] == "<01k8xyz@shop.example>"
    assert mail["Subject"] == "[Fjörd 🎿] Stock Alert: 1 product out of stock"
    assert (mail["From"], mail["To"]) == ("Zyenta Ops <ops@shop.example>", "ann@example.com")
    assert (mail["Auto-Submitted"], mail["X-Entity-Ref-ID"]) == ("auto-generated", "01k8xyz")
    assert mail["Date"].datetime.tzinfo is not None
    assert mail["List-Unsubscribe"] is None
    parts = [part.get_content_type() for part in mail.iter_parts()]
    assert parts == ["text/plain", "text/html"]
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Steel bottle" in text.get_content()


def test_a_mail_sent_twice_is_one_file(tmp_path: Path) -> None:
    with FileTransport(tmp_path, SENDER).open() as send:
        send(a_message())
        send(a_message())
        send(a_message(message_id="01k8xzz"))

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["20261102T120507Z-01k8xyz.eml", "20261102T120507Z-01k8xzz.eml"]


def test_a_folder_that_cannot_be_written_defers_the_mail(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")

    with (
        FileTransport(tmp_path / "mail", SENDER).open() as send,
        pytest.raises(DeliveryDeferred, match="the mail cannot be written to"),
    ):
        send(a_message())


@pytest.mark.parametrize("recipient", ["a@b\r\nBcc: eve@example.com", "", "nobody", "@example.com"])
def test_a_recipient_that_is_no_address_is_refused_without_being_quoted(
    tmp_path: Path, recipient: str
) -> None:
    with (
        FileTransport(tmp_path / "mail", SENDER).open() as send,
        pytest.raises(DeliveryRefused) as refusal,
    ):
        send(a_message(recipient=recipient))

    assert str(refusal.value) == "the recipient's address cannot be put into a mail"
    assert not (tmp_path / "mail").exists()


@pytest.mark.parametrize("sender", ["", "Zyenta Ops", "ops@", "a@b\r\nBcc: eve@example.com"])
def test_a_sender_that_is_no_address_is_refused_at_once(tmp_path: Path, sender: str) -> None:
    with pytest.raises(Refused, match="the sender of mails must look like"):
        FileTransport(tmp_path, sender)
