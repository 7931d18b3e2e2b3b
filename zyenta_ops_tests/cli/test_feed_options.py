"""The options of a feed against the settings there are."""

from __future__ import annotations

from typing import get_args

import click
import pytest

from zyenta_ops.adapters.suppliers.feed import FeedConfig, FeedLimits, Format, Preset
from zyenta_ops.cli.feed_options import feed_options
from zyenta_ops.cli.feeds import preview
from zyenta_ops.cli.suppliers import add, configure
from zyenta_ops.domain.stores import Document

# One value for each option, and the document they make together.
EVERY = [
    "--format=json",
    "--preset=generic",
    "--column=cost=Dealer",
    "--compression=gzip",
    "--encoding=utf-8",
    "--delimiter=tab",
    "--decimal=.",
    "--cost-share=45.5",
    "--item-path=data",
    "--feed-limit=rows=5",
]


def read(*options: str) -> Document:
    """The document that options make."""
    told: list[Document] = []

    @click.command()
    @feed_options
    def command(feed: Document) -> None:
        told.append(feed)

    command.main([*options], standalone_mode=False)
    (feed,) = told
    return feed


def test_every_setting_of_a_feed_has_an_option() -> None:
    feed = read(*EVERY)
    assert {"location", *feed} == set(FeedConfig.model_fields)
    config = FeedConfig.of({"location": "/feeds/a.json", **feed})
    assert (config.delimiter, str(config.cost_share_percent), config.limits.rows) == (
        "\t", "45.5", 5,
    )  # fmt: skip


def test_what_is_not_given_is_not_in_the_document() -> None:
    assert read() == {}
    assert read("--cost-share", "none") == {"cost_share_percent": None}
    assert read("--item-path", "") == {"item_path": None}
    assert read("--column", "cost=a=b", "--column", "sku=") == {
        "columns": {"cost": "a=b", "sku": None}
    }


def choices(option: str) -> list[str]:
    (found,) = [each for each in configure.params if option in each.opts]
    assert isinstance(found.type, click.Choice)
    return list(found.type.choices)


def test_choices_are_those_that_the_settings_know() -> None:
    fields = FeedConfig.model_fields
    assert choices("--format") == [each.value for each in Format]
    assert choices("--preset") == [each.value for each in Preset]
    assert choices("--compression") == list(get_args(fields["compression"].annotation))
    assert choices("--decimal") == list(get_args(fields["decimal"].annotation))


def test_the_help_names_every_limit() -> None:
    (limit,) = [each for each in configure.params if "--feed-limit" in each.opts]
    assert isinstance(limit, click.Option)
    assert limit.help is not None
    assert [name for name in FeedLimits.model_fields if name not in limit.help] == []


@pytest.mark.parametrize("command", [add, configure, preview])
def test_every_command_that_reads_a_feed_takes_the_same_options(command: click.Command) -> None:
    taken = {option for parameter in command.params for option in parameter.opts}
    assert {option.split("=")[0] for option in EVERY} <= taken
