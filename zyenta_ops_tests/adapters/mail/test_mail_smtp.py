from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from zyenta_ops.adapters.mail import SmtpTransport
from zyenta_ops.domain.errors import DeliveryDeferred, DeliveryError, DeliveryRefused, Refused
from zyenta_ops_tests.adapters.mail.mail_server import MailServer, free_port, mail_server
from zyenta_ops_tests.adapters.mail.messages import SENDER, a_message


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


def transport_to(server: MailServer) -> SmtpTransport:
    return SmtpTransport.from_url(f"smtp://127.0.0.1:{server.port}", SENDER)


def test_a_batch_is_sent_on_one_connection(server: MailServer) -> None:
    with transport_to(server).open() as send:
        for number in range(3):
            send(a_message(message_id=f"m{number}", recipient=f"r{number}@example.com"))

    assert server.message_ids == [f"<m{number}@shop.example>" for number in range(3)]
    assert [mail["To"] for mail in server.mails] == [f"r{n}@example.com" for n in range(3)]
    assert len(server.peers) == 1


def test_a_hostile_title_arrives_as_text(server: MailServer) -> None:
    products = [{"title": "x\r\n.\r\nQUIT\r\n", "note": "", "variants": []}]
    with transport_to(server).open() as send:
        send(a_message(store_name="S\r\nBcc: eve@example.com", products=products))

    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("[S Bcc: eve@example.com] Stock Alert")


@pytest.mark.parametrize(
    ("where", "answer", "error", "text"),
    [
        ("ann@example.com", "550 no ann@example.com", DeliveryRefused, "the recipient (550)"),
        ("ann@example.com", "451 busy", DeliveryDeferred, "the recipient for now (451)"),
        ("DATA", "554 spam from ann@example.com", DeliveryRefused, "the mail (554)"),
        ("DATA", "452 disk full", DeliveryDeferred, "the mail for now (452)"),
    ],
)
def test_an_answer_4xx_defers_and_5xx_refuses_without_quoting_the_server(
    server: MailServer, where: str, answer: str, error: type[DeliveryError], text: str
) -> None:
    server.refuses[where] = answer
    with transport_to(server).open() as send:
        with pytest.raises(error) as refusal:
            send(a_message())
        assert str(refusal.value) == f"the mail server refuses {text}"
        assert refusal.value.__cause__ is None
        server.refuses.clear()
        send(a_message(message_id="next"))

    assert server.message_ids == ["<next@shop.example>"]


def test_a_server_that_is_away_is_asked_once_per_batch() -> None:
    port = free_port()
    transport = SmtpTransport.from_url(f"smtp://127.0.0.1:{port}", SENDER)

    with transport.open() as send:
        for _ in range(2):
            with pytest.raises(DeliveryDeferred, match=f"127.0.0.1:{port} cannot be used"):
                send(a_message())


def test_a_connection_lost_within_a_batch_is_made_anew(server: MailServer) -> None:
    server.refuses["gone@example.com"] = "421 shutting down"
    with transport_to(server).open() as send:
        send(a_message(message_id="m1"))
        with pytest.raises(DeliveryDeferred):
            send(a_message(recipient="gone@example.com"))
        send(a_message(message_id="m2"))

    assert server.message_ids == ["<m1@shop.example>", "<m2@shop.example>"]


def test_a_password_is_never_sent_in_the_clear() -> None:
    with mail_server(authenticator=True, auth_require_tls=False) as server:
        transport = SmtpTransport.from_url(f"smtp://me:s3cret@127.0.0.1:{server.port}", SENDER)
        with (
            transport.open() as send,
            pytest.raises(DeliveryDeferred, match="offers no STARTTLS") as refusal,
        ):
            send(a_message())

    assert server.logins == []
    assert "s3cret" not in str(refusal.value) + repr(transport)


@pytest.mark.parametrize("password", ["s3cret", "wrong"])
def test_with_starttls_the_password_is_sent(tmp_path: Path, password: str) -> None:
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with mail_server(tls_context=context, require_starttls=True, authenticator=True) as server:
        trusting = ssl.create_default_context(cafile=str(certificate))
        transport = SmtpTransport(
            "127.0.0.1", server.port, SENDER, username="me", password=password, tls=trusting
        )
        with transport.open() as send:
            if password == "s3cret":
                send(a_message())
            else:
                with pytest.raises(DeliveryDeferred, match=r"user name or password \(535\)"):
                    send(a_message())

    assert set(server.logins) == {b"me"}
    assert len(server.mails) == (1 if password == "s3cret" else 0)


def test_a_certificate_nobody_vouches_for_is_not_accepted(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with mail_server(tls_context=context) as server:
        transport = SmtpTransport.from_url(f"smtp://me:s3cret@127.0.0.1:{server.port}", SENDER)
        with (
            transport.open() as send,
            pytest.raises(DeliveryDeferred, match="certificate is not valid"),
        ):
            send(a_message())

    assert (server.mails, server.logins) == ([], [])


def test_with_smtps_the_connection_is_encrypted_from_the_start(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with mail_server(ssl_context=context) as server:
        transport = SmtpTransport("127.0.0.1", server.port, SENDER, implicit_tls=True, tls=trusting)
        with transport.open() as send:
            send(a_message())

    assert server.message_ids == ["<01k8xyz@shop.example>"]


def test_a_refused_sender_is_the_configurations_fault_and_costs_no_message(
    server: MailServer,
) -> None:
    server.refuses["MAIL"] = "553 not your domain"
    with transport_to(server).open() as send:
        with pytest.raises(
            DeliveryDeferred, match=r"refuses the sender \(553\); check ZYENTA_MAIL"
        ):
            send(a_message())
        server.refuses.clear()
        send(a_message())

    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("url", "host", "port", "implicit"),
    [
        ("smtp://mail.example", "mail.example", 587, False),
        ("smtps://mail.example", "mail.example", 465, True),
        ("smtp://mail.example:2525/", "mail.example", 2525, False),
    ],
)
def test_a_url_names_a_server(url: str, host: str, port: int, implicit: bool) -> None:
    transport = SmtpTransport.from_url(url, SENDER)

    assert (transport.host, transport.port, transport.implicit_tls) == (host, port, implicit)


def test_credentials_in_a_url_are_decoded_and_not_shown() -> None:
    transport = SmtpTransport.from_url("smtps://me%40shop:p%2Fw@mail.example", SENDER)

    assert (transport.username, transport.password) == ("me@shop", "p/w")
    assert "p/w" not in repr(transport)


@pytest.mark.parametrize(
    "url", ["mail.example:25", "http://mail.example", "smtp://", "smtp://u:s3cret@h:notaport"]
)
def test_a_url_that_names_no_server_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(Refused, match="ZYENTA_SMTP_URL cannot be read") as refusal:
        SmtpTransport.from_url(url, SENDER)

    assert "s3cret" not in str(refusal.value)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "certificate.pem", folder / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_path, key_path
