from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from zyenta_ops.defs.schedules import daily_rates
from zyenta_ops.settings import Settings
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.defs.world import World, a_world

ECB = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
    xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <Cube><Cube time="2026-10-30">
    <Cube currency="USD" rate="1.1000"/><Cube currency="JPY" rate="165.00"/>
    <Cube currency="XYZ" rate="2.0"/>
  </Cube></Cube>
</gesmes:Envelope>"""


@pytest.fixture
def rates_file(tmp_path: Path) -> Path:
    file = tmp_path / "eurofxref.xml"
    file.write_text(ECB)
    return file


@pytest.fixture
def world(
    settings: Settings, rates_file: Path, clock: FixedClock, new_id: CountingIds
) -> Iterator[World]:
    with (
        dg.DagsterInstance.ephemeral() as instance,
        a_world(replace(settings, rates_url=str(rates_file)), instance, clock, new_id) as world,
    ):
        yield world


def test_the_day_s_rates_are_read_once(world: World) -> None:
    first = world.run("refresh_rates", None).assets["exchange_rates"]
    second = world.run("refresh_rates", None).assets["exchange_rates"]

    newest = "2026-10-30T00:00:00+00:00"
    assert first == {"read": 2, "changed": 2, "newest": newest, "skipped": 1}
    assert second == first | {"changed": 0}


def test_a_new_rate_gives_prices_to_what_had_none(world: World) -> None:
    world.supplier()
    store = world.operations.stores.add(
        name="Yuki",
        email="yuki@example.com",
        currency="EUR",
        country="DE",
        strategy={"kind": "PERCENTAGE_MARGIN", "value": "100", "endings": [{"currency": "EUR"}]},
    )
    world.operations.catalog.sweep_if_never("fjord")
    world.operations.products.import_from_catalogue(store.id, "fjord")
    world.run()
    assert set(world.prices().values()) == {None}

    world.run("refresh_rates", None)

    assert world.operations.pricing.suppliers_to_reprice() == ["fjord"]
    assert world.run("reprice").success
    # 11.00 USD at 1.10 is 10.00 EUR, doubled.
    assert world.prices()["Yuki p01"] == 2000
    assert world.operations.pricing.suppliers_to_reprice() == []


def test_a_file_that_holds_no_rates_fails_without_a_second_try(
    world: World, rates_file: Path
) -> None:
    world.run("refresh_rates", None)
    kept = world.operations.rates.list_rates()
    rates_file.write_text("<html>Service unavailable</html>")

    run = world.run("refresh_rates", None)

    assert not run.success
    assert run.attempts == {"exchange_rates": 1}
    assert "holds no reference rates of the ECB" in run.failures["exchange_rates"]
    assert world.operations.rates.list_rates() == kept
    assert world.alerts() == []


def tick(world: World) -> Any:
    with dg.build_schedule_context(resources={"operations": world.operations}) as context:
        return daily_rates.evaluate_tick(context)


def test_rates_are_asked_for_when_a_source_is_named(world: World) -> None:
    assert len(tick(world).run_requests) == 1

    rates = replace(world.operations.rates, usual_source="")
    world.operations = replace(world.operations, rates=rates)

    assert tick(world).run_requests == []
    assert tick(world).skip_message == "ZYENTA_RATES_URL is not set"
