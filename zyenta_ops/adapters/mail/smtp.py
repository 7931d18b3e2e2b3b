"""Mail over SMTP (RFC 5321), encrypted, on one connection for a batch.

No text of a server's answer is passed on: servers like to quote the address they refuse.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from zyenta_ops.adapters.mail.composition import compose, sender_address
from zyenta_ops.domain.errors import DeliveryDeferred, DeliveryError, DeliveryRefused, Refused
from zyenta_ops.domain.notifications import OutboundMessage
from zyenta_ops.ports.notifications import Send

_PORTS = {"smtp": 587, "smtps": 465}  # RFC 8314: submission, with STARTTLS or TLS at once
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class SmtpTransport:
    """Sends through one server; satisfies `zyenta_ops.ports.Transport`.

    With `implicit_tls` the connection is encrypted from the start, else STARTTLS is used whenever
    the server offers it, and demanded when there is a password to protect. A relay on this
    machine that wants no password is spoken to in the clear.
    """

    host: str
    port: int
    sender: str
    implicit_tls: bool = False
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    timeout_seconds: float = 20
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def __post_init__(self) -> None:
        sender_address(self.sender)

    @classmethod
    def from_url(cls, url: str, sender: str) -> SmtpTransport:
        """The server of a URL, `smtp://user:password@host:587` or `smtps://host`.

        Raises:
            Refused: not such a URL. The text does not repeat it.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
            raise Refused(
                "ZYENTA_SMTP_URL cannot be read; write smtp://user:password@host:587, with special"
                " characters in the password percent-encoded"
            )
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            sender=sender,
            implicit_tls=parts.scheme == "smtps",
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    @contextmanager
    def open(self) -> Iterator[Send]:
        """A session; the first message connects."""
        session = _Session(self)
        try:
            yield session.send
        finally:
            session.close()

    def connect(self) -> smtplib.SMTP:
        """A connection that is encrypted and logged in as far as configured.

        Raises:
            smtplib.SMTPException, OSError: there is no such connection to be had.
            DeliveryDeferred: the password would have to be sent in the clear.
        """
        if self.implicit_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout_seconds, context=self.tls
            )
        else:
            connection = smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
        try:
            self._secure(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _secure(self, connection: smtplib.SMTP) -> None:
        connection.ehlo_or_helo_if_needed()
        local = self.host in _LOOPBACK and not self.password
        if not self.implicit_tls and not local and connection.has_extn("starttls"):
            connection.starttls(context=self.tls)
            connection.ehlo()
        elif self.password and not self.implicit_tls:
            raise DeliveryDeferred(
                f"the mail server {self.host} offers no STARTTLS and the password is not sent in"
                " the clear; use smtps:// or another server"
            )
        if self.username:
            connection.login(self.username, self.password)


class _Session:
    """One batch. A server that could not be reached is not tried again within the batch."""

    def __init__(self, transport: SmtpTransport) -> None:
        self._transport = transport
        self._sender: Address = sender_address(transport.sender)
        self._connection: smtplib.SMTP | None = None
        self._unreachable: str | None = None

    def send(self, message: OutboundMessage) -> None:
        mail = compose(message, self._sender)
        connection = self._connected()
        try:
            self._hand_over(connection, mail, message.recipient)
        except smtplib.SMTPServerDisconnected:
            self._drop()
            raise DeliveryDeferred("the mail server closed the connection") from None
        except OSError as error:
            # Also smtplib's own exceptions that `_hand_over` has no answer for.
            self._drop()
            raise DeliveryDeferred(f"the mail server failed: {type(error).__name__}") from None

    def close(self) -> None:
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.quit()
        self._drop()

    def _connected(self) -> smtplib.SMTP:
        if self._unreachable is not None:
            raise DeliveryDeferred(self._unreachable)
        # smtplib closes the socket by itself after an answer 421.
        if self._connection is None or self._connection.sock is None:
            try:
                self._connection = self._transport.connect()
            except DeliveryDeferred as error:
                self._unreachable = str(error)
                raise
            except OSError as error:
                self._unreachable = (
                    f"the mail server {self._transport.host}:{self._transport.port} cannot be"
                    f" used: {_kind(error)}"
                )
                raise DeliveryDeferred(self._unreachable) from None
        return self._connection

    def _hand_over(self, connection: smtplib.SMTP, mail: EmailMessage, recipient: str) -> None:
        try:
            connection.send_message(
                mail, self._sender.addr_spec, [mail["To"].addresses[0].addr_spec]
            )
        except smtplib.SMTPRecipientsRefused as error:
            (code, _), *_rest = error.recipients.values()
            raise _verdict(code, "the recipient") from None
        except smtplib.SMTPSenderRefused as error:
            # The configuration is to blame, not this message: it can be sent once that is mended.
            raise DeliveryDeferred(
                f"the mail server refuses the sender ({error.smtp_code}); check ZYENTA_MAIL_FROM"
            ) from None
        except smtplib.SMTPDataError as error:
            raise _verdict(error.smtp_code, "the mail") from None
        except smtplib.SMTPNotSupportedError:
            raise DeliveryRefused(
                "the mail server cannot send to addresses with letters beyond ASCII"
            ) from None

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _verdict(code: int, what: str) -> DeliveryError:
    """RFC 5321 section 4.2.1: 4xx is for now, 5xx for good."""
    if code < 500:
        return DeliveryDeferred(f"the mail server refuses {what} for now ({code})")
    return DeliveryRefused(f"the mail server refuses {what} ({code})")


def _kind(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"it refuses the user name or password ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, smtplib.SMTPException):
        return type(error).__name__
    return error.strerror or type(error).__name__
