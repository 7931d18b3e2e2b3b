"""A process killed between sending a mail and noting that it was sent."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

from zyenta_ops.adapters.mail import SmtpTransport
from zyenta_ops.domain.notifications import Channel, NewMessage
from zyenta_ops.operations.notifications import DeliveryReport, Notifications
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.adapters.mail.mail_server import mail_server
from zyenta_ops_tests.adapters.mail.messages import CONTEXTS, SENDER
from zyenta_ops_tests.conftest import CountingIds, FixedClock

# Sends what is due over SMTP and kills itself once the server has taken the first mail.
DYING = """
import os, signal, sys
from contextlib import contextmanager
from datetime import datetime
from zyenta_ops.adapters.mail import SmtpTransport
from zyenta_ops.domain.notifications import Channel
from zyenta_ops.operations.notifications import Notifications
from zyenta_ops.persistence.engine import Database

database, smtp, sender, now = sys.argv[1:]

class Dying:
    @contextmanager
    def open(self):
        with SmtpTransport.from_url(smtp, sender).open() as send:
            def deadly(message):
                send(message)
                os.kill(os.getpid(), signal.SIGKILL)
            yield deadly

transports = {Channel.EMAIL: Dying()}
clock = lambda: datetime.fromisoformat(now)
Notifications(Database(database), transports, clock, lambda: "dying").deliver()
"""


def test_a_mail_whose_process_was_killed_is_sent_at_most_twice_under_one_message_id(
    database: Database,
) -> None:
    clock = FixedClock(datetime(2026, 11, 2, 12, 0, tzinfo=UTC))
    with database.write() as records:
        message = NewMessage(
            "01k8xyz",
            "alert:1:ann",
            Channel.EMAIL,
            "ann@example.com",
            "stock-alert",
            CONTEXTS["stock-alert"],
            clock.now,
        )
        records.outbox.enqueue([message], clock.now)
    with mail_server() as server:
        smtp = f"smtp://127.0.0.1:{server.port}"
        url = database.url.render_as_string(hide_password=False)
        arguments = [sys.executable, "-c", DYING, url, smtp, SENDER, clock.now.isoformat()]
        killed = subprocess.run(arguments, check=False, timeout=60)
        assert killed.returncode == -9
        assert len(server.mails) == 1
        transports = {Channel.EMAIL: SmtpTransport.from_url(smtp, SENDER)}
        survivor = Notifications(database, transports, clock, CountingIds())

        assert survivor.deliver() == DeliveryReport()
        clock.now += timedelta(minutes=10)
        assert survivor.deliver() == DeliveryReport(sent=1)
        clock.now += timedelta(days=1)
        assert survivor.deliver() == DeliveryReport()

    assert server.message_ids == ["<01k8xyz@shop.example>"] * 2
