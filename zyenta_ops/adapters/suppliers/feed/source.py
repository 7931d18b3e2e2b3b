"""One feed as a `CatalogueSource`."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from time import time
from typing import Final

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.suppliers.feed.config import (
    FeedConfig,
    FeedCredentials,
    S3Access,
)
from zyenta_ops.adapters.suppliers.feed.fetching import Fetched, shown
from zyenta_ops.adapters.suppliers.feed.reading import Understanding, read_feed
from zyenta_ops.domain.catalog import Market, Offer, Rejection, SourceVersion
from zyenta_ops.domain.errors import SourceError, SourceInvalid, SourceUnavailable
from zyenta_ops.ports import CatalogueReading

_FOLDER_PREFIX: Final = "zyenta-feed-"
# Raised when the same bytes, read with the same settings, make other offers than before.
_RULES: Final = 2
_LEFTOVER_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class FeedReading(CatalogueReading):
    """An opened feed; besides the offers, how the feed was understood.

    `understood` is None when the feed is unchanged.
    """

    entries: Iterator[Offer | Rejection]
    understood: Understanding | None = None


class FeedSource:
    """Reads a supplier's catalogue from a feed.

    Args:
        config: where the feed is and how it is written.
        market: country and currency the feed's offers hold in.
        credentials: for feeds on protected web servers.
        http: how web servers are reached, and which private addresses may be.
        s3: how S3 is reached, for s3:// locations.
        temp_dir: where downloads lie while they are read; None is the system's own place.
    """

    def __init__(
        self,
        config: FeedConfig,
        market: Market,
        credentials: FeedCredentials | None = None,
        *,
        http: HttpPolicy | None = None,
        s3: S3Access | None = None,
        temp_dir: Path | None = None,
    ) -> None:
        self._config = config
        self._market = market
        self._credentials = credentials
        self._http = http or HttpPolicy()
        self._s3 = s3 or S3Access()
        self._temp_dir = temp_dir

    @property
    def reader(self) -> str:
        """Changes when the same bytes would make another catalogue."""
        settings = self._config.model_dump(mode="json")
        content = json.dumps([_RULES, settings, str(self._market)])
        return blake2b(content.encode(), digest_size=16).hexdigest()

    @contextmanager
    def open(self, known: SourceVersion | None) -> Iterator[FeedReading]:
        """Open the feed for one pass; `entries` can be read until the context ends.

        A feed is unchanged when its server says so or its bytes have the known SHA-256, and the
        known version was read with the same configuration; then nothing is parsed.
        Every error names the feed without query string or credentials.

        Raises:
            SourceUnavailable: trying again later may succeed.
            SourceInvalid: somebody must act first. Both may also be raised while iterating.
        """
        known = known if known and known.reader == self.reader else None
        with (
            tempfile.TemporaryDirectory(prefix=_FOLDER_PREFIX, dir=self._place()) as folder,
            ExitStack() as stack,
        ):
            with self._named_errors():
                fetched = self._fetch(known, Path(folder) / "feed")
                if fetched.path is None or (known and known.sha256 == fetched.version.sha256):
                    reading = FeedReading(
                        version=replace(fetched.version, reader=self.reader),
                        unchanged=True,
                        entries=iter(()),
                    )
                else:
                    understood, entries = stack.enter_context(
                        read_feed(fetched.path, self._config, self._market)
                    )
                    checked = self._checked(entries, fetched)
                    reading = FeedReading(
                        version=replace(fetched.version, reader=self.reader),
                        unchanged=False,
                        entries=checked,
                        understood=understood,
                    )
            yield reading

    def _place(self) -> Path | None:
        if self._temp_dir is not None:
            self._temp_dir.mkdir(parents=True, exist_ok=True)
            _clear_leftovers(self._temp_dir)
        return self._temp_dir

    def _fetch(self, known: SourceVersion | None, target: Path) -> Fetched:
        config = self._config
        scheme = config.location.partition("://")[0].lower() if "://" in config.location else ""
        if scheme in ("", "file"):
            from zyenta_ops.adapters.suppliers.feed.fetching.local import fetch_file

            return fetch_file(config.location, config.limits.download_bytes)
        if scheme in ("http", "https"):
            from zyenta_ops.adapters.suppliers.feed.fetching.web import WebFetch

            web = WebFetch(config.location, self._credentials, self._http, config.limits)
            return web.fetch(known, target)
        if scheme == "s3":
            from zyenta_ops.adapters.suppliers.feed.fetching.s3 import fetch_object

            return fetch_object(config.location, self._s3, config.limits, known, target)
        raise SourceInvalid("its address must be a path, file://, http(s):// or s3://")

    def _checked(
        self, entries: Iterator[Offer | Rejection], fetched: Fetched
    ) -> Iterator[Offer | Rejection]:
        with self._named_errors():
            yield from entries
            fetched.check()

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except SourceError as error:
            kind = SourceInvalid if isinstance(error, SourceInvalid) else SourceUnavailable
            # A sentence may quote a name from the feed, which may hold line breaks.
            said = " ".join(str(error).split())
            raise kind(f"feed {shown(self._config.location)}: {said}") from error
        except OSError as error:
            raise SourceUnavailable(
                f"feed {shown(self._config.location)}: reading failed: {error.strerror}"
            ) from error
        # Parsers meet hostile bytes here; whatever they raise, the feed could not be read.
        except Exception as error:
            raise SourceInvalid(
                f"feed {shown(self._config.location)}: its content is damaged"
                f" ({type(error).__name__}); nothing of it was taken over"
            ) from error


def _clear_leftovers(folder: Path) -> None:
    """Drop downloads of processes that were killed; no reading lasts as long as a day."""
    for left in folder.glob(f"{_FOLDER_PREFIX}*"):
        with suppress(FileNotFoundError):
            if time() - left.stat().st_mtime > _LEFTOVER_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
