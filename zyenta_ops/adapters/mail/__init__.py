"""Mail: sent over SMTP, or written as `.eml` files.

`rendering` turns a template and its context into text and HTML, `composition` makes a message with
its headers of them, `smtp` and `files` hand it over.
"""

from zyenta_ops.adapters.mail.files import FileTransport
from zyenta_ops.adapters.mail.smtp import SmtpTransport

__all__ = ["FileTransport", "SmtpTransport"]
