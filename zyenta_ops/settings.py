"""The environment, read once into one frozen value. The only reader of `os.environ`.

Every setting has a default that works on a fresh machine; docs/configuration.md lists them all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zyenta_ops.domain.errors import Refused

PREFIX = "ZYENTA_"
_VARIABLE = "variable"  # the name of a variable that no name in Python can have


def variable(setting: Field[Any]) -> str:
    """The environment variable of a field of `Settings`."""
    return str(setting.metadata.get(_VARIABLE, f"{PREFIX}{setting.name.upper()}"))


@dataclass(frozen=True)
class Settings:
    """Where state lives and which real engines to use instead of the embedded ones.

    Attributes:
        home: folder of the embedded state: database, mail, keyring, Dagster's storage.
        database_url: SQLAlchemy URL; empty = SQLite in `home`.
        keyring: encryption keys as `id:base64,…`, the first one active; empty = a file in `home`.
        smtp_url: `smtp://user:password@host:587` or `smtps://…`; empty = `.eml` files in `home`.
        mail_from: sender address of every mail.
        internal_email: where internal alerts go by mail.
        internal_webhook_url: Slack-compatible URL for internal alerts; empty = none.
        dashboard_url: base URL of the merchant dashboard, where mails lead to
            `<base>/stores/<store id>/products`; empty = mails hold no link.
        rates_url: file or https URL with the ECB's reference rates, read every working day; empty =
            rates come from `zyenta-ops fx`.
        s3_endpoint_url: where feeds in buckets are read from instead of AWS (MinIO, Ceph).
        object_store: `s3://bucket/prefix` where suppliers' answers are kept as they came; empty = a
            folder in `home`.
        sandbox_url: where `zyenta-ops sandbox` answers for suppliers connected with `--sandbox`.
        first_plan: plan of new accounts, FREE, STARTER or AUTOPILOT; those who bill their merchants
            through Stripe set FREE.
        stripe_key: secret or restricted key of the platform's Stripe account; empty = no payments
            come in.
        stripe_url: where Stripe answers instead of https://api.stripe.com (the sandbox).
        seventeentrack_key, aftership_key, ship24_key: of our accounts at those who follow parcels;
            empty = they are not asked.
        seventeentrack_url, aftership_url, ship24_url: where they answer instead (the sandbox).
        edge_url: base URL under which sources reach `zyenta-ops web`, for the addresses shown by
            `zyenta-ops hooks add`.
        private_networks: CIDR networks and host names, separated by commas, that feeds and webhooks
            may be fetched from although they are not public.
        keep_history_days: how long to remember prices, stocks and costs that are no more.
        keep_records_days: how long to remember syncs, alerts, messages and suppliers' answers.
        keep_runs_days: how long Dagster's runs and their events are kept.
    """

    home: Path = Path(".zyenta")
    database_url: str = field(default="", repr=False)
    keyring: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)
    mail_from: str = "Zyenta Ops <ops@localhost>"
    internal_email: str = "ops@localhost"
    internal_webhook_url: str = field(default="", repr=False)
    dashboard_url: str = ""
    rates_url: str = ""
    s3_endpoint_url: str = ""
    object_store: str = ""
    sandbox_url: str = "http://127.0.0.1:8900"
    first_plan: str = "AUTOPILOT"
    stripe_key: str = field(default="", repr=False)
    stripe_url: str = ""
    seventeentrack_key: str = field(
        default="", repr=False, metadata={_VARIABLE: "ZYENTA_17TRACK_KEY"}
    )
    seventeentrack_url: str = field(default="", metadata={_VARIABLE: "ZYENTA_17TRACK_URL"})
    aftership_key: str = field(default="", repr=False)
    aftership_url: str = ""
    ship24_key: str = field(default="", repr=False)
    ship24_url: str = ""
    edge_url: str = "http://127.0.0.1:3100"
    private_networks: tuple[str, ...] = ()
    keep_history_days: int = 365
    keep_records_days: int = 90
    keep_runs_days: int = 30

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read `ZYENTA_*` variables.

        Raises:
            Refused: a `ZYENTA_` variable that no setting has, most likely a misspelt one, or a
                value that cannot be what the setting asks for. It is never quoted: it may hold a
                password.
        """
        environment = os.environ if environment is None else environment
        known = {variable(setting): setting.name for setting in fields(cls)}
        given = {
            name: value
            for name, value in environment.items()
            if name.startswith(PREFIX) and name not in _FOR_TESTS
        }
        if unknown := sorted(set(given) - set(known)):
            raise Refused(
                f"unknown setting {', '.join(unknown)}; docs/configuration.md lists the known ones"
            )
        for name, value in given.items():
            form, usable = _FORMS.get(known[name], ("", _anything))
            if value and not usable(value):
                raise Refused(f"{name} is not usable; write {form}")
        values: dict[str, object] = {known[name]: value for name, value in given.items() if value}
        if "home" in values:
            values["home"] = Path(str(values["home"]))
        if "private_networks" in values:
            networks = str(values["private_networks"]).split(",")
            values["private_networks"] = tuple(part.strip() for part in networks if part.strip())
        values |= {name: int(str(values[name])) for name in _DAYS if name in values}
        return cls(**values)  # type: ignore[arg-type]

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'zyenta.db'}"

    @property
    def embedded_database(self) -> bool:
        """Whether the database is the SQLite file of `home`, which is migrated on first use."""
        return not self.database_url

    @property
    def mail_folder(self) -> Path:
        """Where mail is written when no SMTP server is set."""
        return self.home / "mail"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance folder for embedded use."""
        return self.home.absolute() / "dagster"


def _anything(_: str) -> bool:
    return True


def _address_of(*schemes: str) -> Callable[[str], bool]:
    """Judges whether a text is a URL of such a scheme with a host and a port there can be."""

    def usable(text: str) -> bool:
        try:
            parts = urlsplit(text)
            return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port out of range, a bracket too many
            return False

    return usable


def _rates_source(text: str) -> bool:
    return "://" not in text or text.startswith("file://") or _address_of("http", "https")(text)


def _mail_address(text: str) -> bool:
    name, at, domain = parseaddr(text)[1].rpartition("@")
    return bool(name and at and domain) and text.isprintable()


def _plan(text: str) -> bool:
    return text in ("FREE", "STARTER", "AUTOPILOT")


def _stripe_key(text: str) -> bool:
    return text.startswith(("sk_", "rk_")) and text.isascii() and text.isprintable()


def _key(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _days(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and int(text) > 0


_TRACKERS_KEYS = ("seventeentrack_key", "aftership_key", "ship24_key")
_TRACKERS_URLS = ("seventeentrack_url", "aftership_url", "ship24_url")
_DAYS = ("keep_history_days", "keep_records_days", "keep_runs_days")

# What a setting has to look like, and whether a text does; the others take anything.
_FORMS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "smtp_url": (
        "smtp://user:password@mail.example.com:587, or smtps://",
        _address_of("smtp", "smtps"),
    ),
    "mail_from": ("an address such as Zyenta Ops <ops@example.com>", _mail_address),
    "internal_email": ("an address such as ops@example.com", _mail_address),
    "internal_webhook_url": (
        "an address such as https://hooks.example.com/…",
        _address_of("http", "https"),
    ),
    "dashboard_url": (
        "an address such as https://app.example.com",
        _address_of("http", "https"),
    ),
    "rates_url": ("a path, or an http(s) address", _rates_source),
    "s3_endpoint_url": (
        "an address such as https://minio.example.com",
        _address_of("http", "https"),
    ),
    "sandbox_url": (
        "an address such as http://127.0.0.1:8900",
        _address_of("http", "https"),
    ),
    "edge_url": (
        "an address such as https://edge.example.com",
        _address_of("http", "https"),
    ),
    "object_store": ("s3://bucket/prefix", _address_of("s3")),
    "first_plan": ("FREE, STARTER or AUTOPILOT", _plan),
    "stripe_key": ("a secret or restricted key such as sk_live_… or rk_live_…", _stripe_key),
    "stripe_url": ("an address such as http://127.0.0.1:8900/stripe", _address_of("http", "https")),
    **dict.fromkeys(_TRACKERS_KEYS, ("a key as the account shows it", _key)),
    **dict.fromkeys(
        _TRACKERS_URLS,
        ("an address such as https://api.example.com/v1", _address_of("http", "https")),
    ),
    **dict.fromkeys(_DAYS, ("a whole number of days, such as 90", _days)),
}

# Read by the test suite, not by the product.
_FOR_TESTS = frozenset({"ZYENTA_TEST_POSTGRES_URL", "ZYENTA_REQUIRE_POSTGRES"})


def configured_dagster_home(environment: Mapping[str, str] | None = None) -> Path | None:
    """The folder of the Dagster instance that DAGSTER_HOME names; None = the embedded one.

    `zyenta-ops dev` uses the embedded one in any case.
    """
    environment = os.environ if environment is None else environment
    named = environment.get("DAGSTER_HOME")
    return Path(named) if named else None


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment for processes we start: ours, with state folders made absolute.

    Trackers are those of the settings, which may be others than those of our environment.
    """
    trackers = {*_TRACKERS_KEYS, *_TRACKERS_URLS}
    return {
        **os.environ,
        **{
            variable(each): getattr(settings, each.name)
            for each in fields(settings)
            if each.name in trackers
        },
        "ZYENTA_HOME": str(settings.home.absolute()),
        "DAGSTER_HOME": str(settings.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        # Dagster warns about a parameter of its own that we do not use.
        "PYTHONWARNINGS": "ignore:Parameter `owners`",
    }
