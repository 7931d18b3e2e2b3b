"""A message of the outbox as a mail: headers per RFC 5322 and RFC 3834, text and HTML parts."""

from __future__ import annotations

from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from zyenta_ops.adapters.mail.rendering import render, single_line
from zyenta_ops.domain.errors import DeliveryRefused, Refused
from zyenta_ops.domain.notifications import OutboundMessage

# What the standard library raises for text that is no address.
_UNPARSABLE = (ValueError, IndexError, MessageError)


def sender_address(text: str) -> Address:
    """The sender of every mail, "Zyenta Ops <ops@example.com>".

    Raises:
        Refused: not an address with a domain.
    """
    name, address = parseaddr(text)
    try:
        parsed = Address(single_line(name), addr_spec=_in_ascii_domain(address))
    except _UNPARSABLE:
        parsed = Address()
    if not parsed.username or not parsed.domain or text != single_line(text):
        raise Refused("the sender of mails must look like 'Name <name@example.com>'")
    return parsed


def compose(message: OutboundMessage, sender: Address) -> EmailMessage:
    """The mail of a message.

    Its Message-ID follows from the id of the message, so that a mail sent twice after a crash is
    recognised as one. A context may name who speaks, `sender_name`, and where answers go,
    `reply_to`: the address it comes from stays ours, which alone we may send from.

    Raises:
        DeliveryRefused: the template cannot be rendered, or the recipient is no address.
    """
    rendered = render(message.template, message.context)
    mail = EmailMessage(policy=SMTP)
    mail["To"] = _address(message.recipient, "recipient")
    mail["From"] = _speaking(sender, message.context.get("sender_name"))
    if reply_to := message.context.get("reply_to"):
        mail["Reply-To"] = _address(reply_to, "answer")
    mail["Subject"] = rendered.subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{message.id}@{sender.domain}>"
    mail["X-Entity-Ref-ID"] = message.id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(rendered.text, cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    mail.set_boundary(f"=_{message.id}")
    return mail


def _speaking(sender: Address, name: str | None) -> Address:
    if not name:
        return sender
    return Address(single_line(name), sender.username, sender.domain)


def _address(text: str, whose: str) -> Address:
    try:
        address = Address(addr_spec=_in_ascii_domain(text))
    except _UNPARSABLE:
        address = Address()
    if not address.username or not address.domain:
        # The address itself is not repeated: this text is logged.
        raise DeliveryRefused(f"the {whose}'s address cannot be put into a mail")
    return address


def _in_ascii_domain(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.encode('idna').decode()}" if domain else address
