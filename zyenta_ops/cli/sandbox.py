"""`zyenta-ops sandbox`: fake suppliers, trackers and a fake Stripe over HTTP."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import click

from zyenta_ops.cli.output import Commands
from zyenta_ops.cli.payers import PAYERS
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import Supplier
from zyenta_ops.settings import Settings


@click.group(cls=Commands, invoke_without_command=True)
@click.option("--port", type=click.IntRange(0, 65_535), help="[default: of ZYENTA_SANDBOX_URL]")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same world.")
@click.option(
    "--products", type=click.IntRange(1, 20_000), default=2_000, show_default=True, help="A vendor."
)
@click.option(
    "--script",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A JSON list of faults to inject.",
)
@click.pass_context
def sandbox(
    context: click.Context, port: int | None, seed: int, products: int, script: Path | None
) -> None:
    """Answer as AliExpress, CJ, Printful, a Spocket gateway, Stripe and trackers do, until Ctrl-C.

    The trackers are 17TRACK, AfterShip and Ship24. The clock runs with this machine's; POST
    /_sandbox/clock goes forward. The commands below let customers and banks act at a sandbox that
    is running.
    """
    if context.invoked_subcommand is None:
        _serve(context.obj, port, seed, products, script)


for payer in PAYERS:
    sandbox.add_command(payer)


def _serve(wiring: Wiring, port: int | None, seed: int, products: int, script: Path | None) -> None:
    from zyenta_ops.sandbox.world import run

    if port is None:
        port = urlsplit(wiring.settings.sandbox_url).port or 80
    try:
        run(port, seed, script, click.echo, products)
    except OSError as error:
        # What has a name is a file, and the script is the only one.
        what = (
            f"the script {script} cannot be read"
            if error.filename
            else (f"the sandbox cannot answer at port {port}")
        )
        raise Refused(f"{what}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise Refused(f"the script {script} cannot be used: {error}") from None


def agreed_code(base_url: str, app_key: str) -> str:
    """The code that the sandbox's page gives to who agrees there; like every code it serves once.

    Raises:
        Refused: no sandbox answers there.
    """
    import httpx

    from zyenta_ops.adapters.http import AddressRefused, HttpPolicy, build_client

    policy = HttpPolicy(allow_private=(str(urlsplit(base_url).hostname),))
    asked = {"response_type": "code", "client_id": app_key, "redirect_uri": "https://localhost/"}
    code = ""
    with build_client(policy) as client, suppress(httpx.HTTPError, AddressRefused):
        answer = client.get(f"{base_url}/oauth/authorize", params=asked)
        found = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        code = "".join(found.get("code", ()))
    if not code:
        raise Refused(
            f"no sandbox answers at {base_url}; start it with `zyenta-ops dev` or"
            " `zyenta-ops sandbox`"
        )
    return code


def is_sandboxed(supplier: Supplier, settings: Settings) -> bool:
    """Whether the sandbox of the settings answers for a supplier, instead of the supplier itself.

    Which of the two it is stands in the supplier's stored base address and nowhere else.
    """
    return _address(str(supplier.config.get("base_url"))) == _address(settings.sandbox_url)


def with_sandboxed_trackers(settings: Settings) -> Settings:
    """The settings with the sandbox's trackers, unless a real one is to be asked."""
    from zyenta_ops.sandbox.accounts import DEMO_SECRETS
    from zyenta_ops.sandbox.world import TRACKER_BASES

    if settings.seventeentrack_key or settings.aftership_key or settings.ship24_key:
        return settings
    base = settings.sandbox_url.rstrip("/")
    return replace(
        settings,
        seventeentrack_key=DEMO_SECRETS["17track"]["key"],
        seventeentrack_url=base + TRACKER_BASES["17track"],
        aftership_key=DEMO_SECRETS["aftership"]["key"],
        aftership_url=base + TRACKER_BASES["aftership"],
        ship24_key=DEMO_SECRETS["ship24"]["key"],
        ship24_url=base + TRACKER_BASES["ship24"],
    )


def _address(url: str) -> tuple[str | None, int | None]:
    parts = urlsplit(url)
    return parts.hostname, parts.port
