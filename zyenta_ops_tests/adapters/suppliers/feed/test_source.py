"""Files of this machine, the settings of a feed, and what every location has in common."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from zyenta_ops.adapters.suppliers.feed import FeedConfig, FeedSource
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.errors import Refused, SourceInvalid, SourceUnavailable
from zyenta_ops.ports import CatalogueSource

FEED = "sku,title,price\nA,Anvil,12.50\n"
MARKET = Market("US", "USD")
JAPAN = Market("JP", "JPY")


def source(location: str) -> FeedSource:
    return FeedSource(FeedConfig(location=location), MARKET)


def test_a_feed_is_a_catalogue_source(tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_text(FEED)
    catalogue: CatalogueSource = source(str(tmp_path / "feed.csv"))
    with catalogue.open(None) as reading:
        assert len(list(reading.entries)) == 1


def test_a_file_address_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "my feed.csv").write_text(FEED)
    with source((tmp_path / "my feed.csv").as_uri()).open(None) as reading:
        assert len(list(reading.entries)) == 1


def test_an_unchanged_file_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text(FEED)
    with source(str(path)).open(None) as first:
        list(first.entries)
    with source(str(path)).open(first.version) as again:
        assert again.unchanged
        assert again.understood is None
        assert again.version == first.version
        assert list(again.entries) == []
    path.write_text(FEED + "B,Bell,3.00\n")
    with source(str(path)).open(first.version) as changed:
        assert not changed.unchanged
        assert len(list(changed.entries)) == 2


def test_a_feed_read_with_another_configuration_is_another_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("sku,title,price,Dealer\nA,Anvil,12.50,7.00\n")
    with source(str(path)).open(None) as reading:
        version = reading.version
    config = FeedConfig.of({"location": str(path), "columns": {"cost": "Dealer"}})
    for other in (
        FeedSource(config, MARKET),
        FeedSource(FeedConfig(location=str(path)), JAPAN),
    ):
        with other.open(version) as again:
            assert not again.unchanged
            assert again.version.sha256 == version.sha256


def test_a_file_rewritten_while_it_is_read_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text(FEED)
    with source(str(path)).open(None) as reading:
        path.write_text(FEED + "B,Bell,3.00\n")
        with pytest.raises(SourceUnavailable, match="rewritten while it was read"):
            list(reading.entries)


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "below a file"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "feed.csv"
    words = "not a regular file"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        words = "there is no such file; check the path"
        if kind == "below a file":
            path.write_text(FEED)
            path = path / "feed.csv"
    with pytest.raises(SourceInvalid, match=words) as caught, source(str(path)).open(None):
        pass
    assert str(caught.value).startswith(f"feed {path}: ")


def test_a_file_above_the_size_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_text(FEED)
    config = FeedConfig.of(
        {"location": str(tmp_path / "feed.csv"), "limits": {"download_bytes": 10}}
    )
    with (
        pytest.raises(SourceInvalid, match="larger than 10 bytes"),
        FeedSource(config, MARKET).open(None),
    ):
        pass


def test_settings_survive_being_stored() -> None:
    config = FeedConfig.of(
        {
            "location": "https://example.com/feed.csv",
            "preset": "generic",
            "columns": {"cost": "Dealer price"},
            "cost_share_percent": "55.5",
            "limits": {"rows": 1000},
        }
    )
    assert FeedConfig.of(config.model_dump(mode="json")) == config


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "the feed setting 'location' is missing"),
        ({"location": "x", "colour": 1}, "the feed setting 'colour' is unknown; known are loc"),
        (
            {"location": "x", "limits": {"row": 1}},
            "the feed setting 'limits.row' is unknown; known",
        ),
        ({"location": "x", "format": "yaml"}, "the feed setting 'format' is not usable: input sh"),
        ({"location": "x", "columns": {"cots": "a"}}, "the feed setting 'columns.cots' is not us"),
        ({"location": "x", "delimiter": "ab"}, "must be 'auto' or one character"),
        ({"location": "x", "encoding": "klingon"}, "must be 'auto' or an encoding"),
        ({"location": "x", "cost_share_percent": 0}, "'cost_share_percent' is not usable"),
        ({"location": "https://me:hush@example.com/f"}, "give them as credentials instead"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused) as caught:
        FeedConfig.of(settings)
    assert words in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_token_in_the_address_is_not_shown() -> None:
    assert "hush" not in repr(FeedConfig(location="https://example.com/feed?token=hush"))


def test_downloads_of_killed_processes_are_cleared_after_a_day(tmp_path: Path) -> None:
    downloads = tmp_path / "downloads"
    old, fresh, foreign = (
        downloads / name for name in ("zyenta-feed-old", "zyenta-feed-fresh", "something")
    )
    for folder in (old, fresh, foreign):
        folder.mkdir(parents=True)
        (folder / "feed").write_text("x")
    for folder in (old, foreign):
        os.utime(folder, (0, 0))
    feed = tmp_path / "feed.csv"
    feed.write_text("sku,title,price\nA,Anvil,12.50\n")

    source = FeedSource(FeedConfig(location=str(feed)), Market("US", "USD"), temp_dir=downloads)
    with source.open(None) as reading:
        assert len(list(reading.entries)) == 1

    assert {path.name for path in downloads.iterdir()} == {"zyenta-feed-fresh", "something"}
