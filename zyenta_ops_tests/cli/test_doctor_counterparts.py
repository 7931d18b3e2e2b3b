"""`zyenta-ops doctor` on mail servers and object stores that are there, and that are not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread

import pytest

from zyenta_ops.settings import Settings
from zyenta_ops_tests.adapters.mail.mail_server import free_port, mail_server
from zyenta_ops_tests.cli.doctoring import finding


def test_a_mail_server_is_asked_and_gets_no_mail(settings: Settings) -> None:
    with mail_server() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        answered = finding(replace(settings, smtp_url=url), "mail")
        assert server.mails == []
    assert answered == ("GOOD", f"127.0.0.1:{server.port} answers", None)


def test_a_mail_server_that_is_not_there_is_bad(settings: Settings) -> None:
    port = free_port()
    settings = replace(settings, smtp_url=f"smtp://me:hush@127.0.0.1:{port}")
    assert finding(settings, "mail") == (
        "BAD",
        f"127.0.0.1:{port} does not take mail (ConnectionRefusedError)",
        "check ZYENTA_SMTP_URL: host, port, user and password",
    )


def test_a_mail_server_that_refuses_us_is_bad(settings: Settings) -> None:
    with refusing_server(b"554 5.7.1 go away, hush\r\n") as port:
        told = finding(replace(settings, smtp_url=f"smtp://127.0.0.1:{port}"), "mail")
    assert told == (
        "BAD",
        f"127.0.0.1:{port} does not take mail (SMTPConnectError)",
        "check ZYENTA_SMTP_URL: host, port, user and password",
    )


@contextmanager
def refusing_server(greeting: bytes) -> Iterator[int]:
    """A port where every caller is greeted so, and hung up on."""

    def greet() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(greeting)

    with socket.create_server(("127.0.0.1", 0)) as server:
        greeter = Thread(target=greet)
        greeter.start()
        yield server.getsockname()[1]
        greeter.join()


def test_an_object_store_that_could_keep_answers_is_good_and_made_by_nobody(
    settings: Settings,
) -> None:
    assert finding(settings, "object store") == ("GOOD", str(settings.home / "objects"), None)
    assert not (settings.home / "objects").exists()
    (settings.home / "objects").write_text("mine")
    health, says, _ = finding(settings, "object store")
    assert (health, says) == (
        "BAD",
        f"objects cannot be kept in {settings.home / 'objects'}: Not a directory;"
        " make the folder writable or set ZYENTA_OBJECT_STORE",
    )


def test_a_bucket_that_cannot_be_reached_is_bad_after_seconds(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "hush")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    endpoint = f"http://127.0.0.1:{free_port()}"

    told = finding(
        replace(settings, object_store="s3://shelf/answers", s3_endpoint_url=endpoint),
        "object store",
    )

    assert told == (
        "BAD",
        "objects cannot be kept in s3://shelf: EndpointConnectionError;"
        " check ZYENTA_OBJECT_STORE and the AWS credentials",
        None,
    )


def test_without_a_mail_server_mail_is_written_to_files(settings: Settings) -> None:
    assert finding(settings, "mail") == (
        "WARNING",
        f"written to {settings.home / 'mail'} as .eml files, nobody receives them",
        "set ZYENTA_SMTP_URL to send them",
    )
    assert finding(replace(settings, mail_from="nobody"), "mail")[0] == "BAD"
