"""Options that say how we log in where a feed is, shared by the commands that take them."""

from __future__ import annotations

import sys

import click

from zyenta_ops.cli.feed_options import Command
from zyenta_ops.domain.errors import Refused


def login_options(command: Command) -> Command:
    """The ways to hand over a login; at most one of them."""
    for option in (
        click.option("--basic-prompt", is_flag=True, help="Ask for user name and password."),
        click.option("--basic", metavar="USER:PASSWORD", help="User name and password."),
        click.option(
            "--header-stdin", is_flag=True, help="Read 'Name: value' from standard input."
        ),
        click.option("--header", metavar="'NAME: VALUE'", help="An HTTP header such as a token."),
    ):
        command = option(command)
    return command


def given_login(
    header: str | None, header_stdin: bool, basic: str | None, basic_prompt: bool
) -> dict[str, list[str]] | None:
    """The login that the options of `login_options` give, as `Credentials.of` reads it."""
    if sum((header is not None, header_stdin, basic is not None, basic_prompt)) > 1:
        raise click.UsageError(
            "give one login: --header, --header-stdin, --basic or --basic-prompt"
        )
    if header_stdin:
        header = sys.stdin.readline().rstrip("\r\n")
    if header is not None:
        name, colon, value = header.partition(":")
        if not colon:
            raise Refused("the header has no colon; write it as 'Name: value'")
        return {"header": [name.strip(), value.strip()]}
    if basic_prompt:
        user = click.prompt("User name", err=True)
        return {"basic": [user, click.prompt("Password", hide_input=True, err=True)]}
    if basic is not None:
        user, colon, password = basic.partition(":")
        if not colon:
            raise Refused("the login has no colon; write it as user:password")
        return {"basic": [user, password]}
    return None
