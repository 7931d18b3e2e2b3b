"""Chat: messages for the internal team."""

from zyenta_ops.adapters.chat.slack import SlackTransport

__all__ = ["SlackTransport"]
