"""The documentation names everything a user can set, run or see, and nothing that is not there."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from zyenta_ops.adapters.suppliers.feed.columns import Column
from zyenta_ops.adapters.suppliers.feed.config import FeedConfig, FeedLimits
from zyenta_ops.cli import main
from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.alerts import AlertPreferences, AlertType
from zyenta_ops.domain.alerts.preferences import QuietHours
from zyenta_ops.domain.customer_notices import Shop
from zyenta_ops.domain.inbox import MAX_ATTEMPTS, wait_after
from zyenta_ops.domain.order_intake import read_order
from zyenta_ops.domain.orders import FulfillmentStatus
from zyenta_ops.domain.pricing import PricingStrategy
from zyenta_ops.domain.pricing.endings import EndingRule
from zyenta_ops.domain.pricing.terms import (
    ApprovalPolicy,
    CompareAt,
    DeadBand,
    Fees,
    LandedCost,
    PricingKind,
    Tier,
)
from zyenta_ops.domain.store_voice import Notice, StoreVoice
from zyenta_ops.domain.storefronts import (
    EventType,
    OrderTracking,
    storefront_event,
    tracking_info,
)
from zyenta_ops.domain.supplier_orders import Parcel, ParcelEvent, ParcelState
from zyenta_ops.operations.orders.files import ITEM_COLUMNS, ORDER_COLUMNS
from zyenta_ops.settings import Settings, variable
from zyenta_ops.web.api.openapi import document
from zyenta_ops_tests.orders import an_order

PROJECT = Path(__file__).resolve().parents[1]
CONFIGURATION = PROJECT / "docs" / "configuration.md"
OPERATIONS = PROJECT / "docs" / "operations.md"
TEST_VARIABLES = {"ZYENTA_TEST_POSTGRES_URL", "ZYENTA_REQUIRE_POSTGRES"}

_FENCE = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
_MACHINE_PATH = re.compile(r"(?<![\w.~$/-])/(?:home|Users|root|tmp|work|mnt|opt|private)/")


@cache
def markdown() -> list[Path]:
    folders = [each for each in PROJECT.iterdir() if each.is_dir() and each.name[0] != "."]
    nested = [path for folder in folders for path in folder.rglob("*.md")]
    return sorted([*PROJECT.glob("*.md"), *nested])


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def field_names(of: type[Any]) -> list[str]:
    if issubclass(of, FeedConfig | FeedLimits):
        return list(of.model_fields)
    return [field.name for field in fields(of)]


def section(path: Path, title: str) -> str:
    """The text from a heading to the next one of any level."""
    parts = re.split(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert title in texts, f"{name_of(path)} has no heading '{title}'"
    return texts[title]


def first_cells(text: str, header: str) -> list[str]:
    """The first column of the table whose first heading is `header`, without backticks."""
    cells: list[str] = []
    inside = False
    for line in text.splitlines():
        first = line.split("|")[1].strip() if line.startswith("|") else None
        if first is None:
            inside = False
        elif first == header:
            inside = True
        elif inside and not first.startswith("---"):
            cells.append(first.strip("`"))
    return cells


@pytest.mark.parametrize(
    ("title", "documented"),
    [
        ("Pricing strategy", PricingStrategy),
        ("`tiers`", Tier),
        ("`endings`", EndingRule),
        ("`compare_at`", CompareAt),
        ("`landed_cost`", LandedCost),
        ("`fees`", Fees),
        ("`dead_band`", DeadBand),
        ("`approval`", ApprovalPolicy),
        ("Alert preferences", AlertPreferences),
        ("`quiet_hours`", QuietHours),
        ("Store voice", StoreVoice),
        ("Feed settings", FeedConfig),
        ("`limits`", FeedLimits),
    ],
)
def test_each_table_of_fields_lists_exactly_the_fields_there_are(
    title: str, documented: type[Any]
) -> None:
    assert first_cells(section(CONFIGURATION, title), "Field") == field_names(documented)


def test_every_setting_is_documented_and_no_other() -> None:
    variables = [variable(field) for field in fields(Settings)]
    assert first_cells(section(CONFIGURATION, "Environment"), "Variable") == variables


def test_the_runbook_says_how_often_and_how_long_an_event_is_tried() -> None:
    waits = sum(map(wait_after, range(1, MAX_ATTEMPTS)), timedelta())
    words = {3: "three", 8: "eight", 10: "ten"}
    times, hours = words[MAX_ATTEMPTS], words[round(waits / timedelta(hours=1))]

    assert f"failed {times} times in about {hours} hours" in OPERATIONS.read_text("utf-8")
    architecture = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    assert f"parked after {times} attempts" in architecture


def test_every_column_fact_is_documented_and_no_other() -> None:
    facts = [column.value for column in Column]
    assert first_cells(section(CONFIGURATION, "`columns`"), "Fact") == facts


@pytest.mark.parametrize("word", [*PricingKind, *AlertType])
def test_every_pricing_kind_and_alert_type_is_documented(word: str) -> None:
    assert f"`{word}`" in CONFIGURATION.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", markdown(), ids=name_of)
def test_no_document_names_a_variable_that_does_not_exist(path: Path) -> None:
    known = {variable(field) for field in fields(Settings)} | TEST_VARIABLES
    named = set(re.findall(r"\bZYENTA_[A-Z0-9_]+", path.read_text(encoding="utf-8")))
    assert named <= known


@pytest.mark.parametrize("notice", list(Notice))
def test_every_notice_that_can_be_muted_is_documented(notice: str) -> None:
    assert f"`{notice}`" in section(CONFIGURATION, "Store voice")


def test_every_event_of_storefronts_is_documented_and_no_other() -> None:
    events = first_cells(section(OPERATIONS, "Customers and storefronts"), "Event")
    assert sorted(events) == sorted(EventType)


def test_the_example_of_an_event_is_what_storefronts_are_sent() -> None:
    (content,) = re.findall(
        r"^```json event\n(.*?)^```$", OPERATIONS.read_text("utf-8"), re.M | re.S
    )
    example = json.loads(content)
    data, moment = example["data"], datetime(2026, 11, 2, 12, tzinfo=UTC)
    order = an_order(
        id=data["orderId"],
        store_id=data["storeId"],
        fulfillment_status=FulfillmentStatus.SHIPPED,
    )
    departed = ParcelEvent(
        moment - timedelta(minutes=30), "Departed", "Köln", ParcelState.IN_TRANSIT
    )
    parcel = Parcel(
        "1Z999AA10123456784",
        "UPS",
        state=ParcelState.IN_TRANSIT,
        events=(departed,),
        expected_at=moment + timedelta(days=7),
    )

    (message,) = storefront_event(
        EventType.TRACKING_UPDATED,
        order,
        Shop(order.store_id, "Nordlicht", listens=True),
        OrderTracking(order.id, order.store_id, tracking_info([parcel]), revision=2),
        new_id=lambda: "m1",
        now=moment,
    )

    assert message.context == example


def json_examples() -> list[tuple[str, str]]:
    examples = [
        (kind.removeprefix("json").strip(), content)
        for kind, content in _FENCE.findall(CONFIGURATION.read_text(encoding="utf-8"))
        if kind.startswith("json")
    ]
    assert {kind for kind, _ in examples} == {"strategy", "alerts", "voice", "feed"}
    return examples


@pytest.mark.parametrize(("kind", "content"), json_examples())
def test_every_json_example_is_accepted(kind: str, content: str) -> None:
    document = json.loads(content, parse_float=Decimal)
    readers: dict[str, Callable[[Any], Any]] = {
        "strategy": TypeAdapter(PricingStrategy).validate_python,
        "alerts": TypeAdapter(AlertPreferences).validate_python,
        "voice": TypeAdapter(StoreVoice).validate_python,
        "feed": FeedConfig.of,
    }
    assert readers[kind](document) is not None


def order_example() -> Any:
    (content,) = re.findall(
        r"^```json order\n(.*?)^```$", OPERATIONS.read_text("utf-8"), re.M | re.S
    )
    return json.loads(content)


def order_schema() -> Draft202012Validator:
    components = document()["components"]
    return Draft202012Validator(
        components["schemas"]["OrderHandedOver"] | {"components": components}
    )


def test_the_example_of_an_order_is_taken_and_names_every_field() -> None:
    example = order_example()

    reading = read_order(example, "EUR", datetime(2026, 11, 2, 12, tzinfo=UTC))

    assert reading.faults == ()
    assert order_schema().is_valid(example)
    assert set(example["address"]) == {field.name for field in fields(Address)}
    whole = {name for name in ORDER_COLUMNS if "." not in name}
    assert set(example) - {"customer", "address", "items"} == whole
    assert {f"customer.{name}" for name in example["customer"]} <= set(ORDER_COLUMNS)
    assert {f"item.{name}" for item in example["items"] for name in item} == set(ITEM_COLUMNS)


@pytest.mark.parametrize("column", [*ORDER_COLUMNS, *ITEM_COLUMNS])
def test_every_column_of_an_orders_file_is_documented(column: str) -> None:
    assert f"`{column}`" in section(OPERATIONS, "Orders")


@cache
def defined() -> dict[str, set[str]]:
    """What Dagster shows, by kind; loaded when a test asks, not when tests are collected."""
    from zyenta_ops.defs import build_defs

    defs = build_defs()
    assets = defs.resolve_asset_graph()
    return {
        "Asset": {key.to_user_string() for key in assets.get_all_asset_keys()},
        "Check": {key.name for key in assets.asset_check_keys},
        "Job": {job.name for job in defs.jobs or []},
        "Schedule": {schedule.name for schedule in defs.schedules or []},
        "Sensor": {sensor.name for sensor in defs.sensors or []},
    }


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Assets", "Asset"),
        ("Checks", "Check"),
        ("Jobs", "Job"),
        ("Schedules (UTC)", "Schedule"),
        ("Sensors", "Sensor"),
    ],
)
def test_the_runbook_lists_exactly_what_dagster_shows(title: str, kind: str) -> None:
    assert set(first_cells(section(OPERATIONS, title), kind)) == defined()[kind]


@pytest.mark.parametrize("kind", ["Asset", "Check", "Job", "Schedule", "Sensor"])
def test_the_architecture_names_what_dagster_shows(kind: str) -> None:
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [name for name in sorted(defined()[kind]) if f"`{name}`" not in text] == []


def test_every_field_of_the_run_scope_is_documented() -> None:
    from zyenta_ops.defs.resources import ScopeResource

    documented = first_cells(section(CONFIGURATION, "Run scope"), "Field")
    assert documented == list(ScopeResource.model_fields)


def commands(group: click.Command, path: str) -> Iterator[str]:
    if not isinstance(group, click.Group):
        yield path
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, f"{path} {name}")


@pytest.mark.parametrize("command", list(commands(main, "zyenta-ops")))
def test_every_command_is_documented(command: str) -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in markdown())
    assert re.search(rf"\b{command}\b", texts)


def command_lines() -> list[tuple[str, str]]:
    """Every line of a shell block that calls the program, with the file it stands in."""
    found = []
    for path in markdown():
        for kind, content in _FENCE.findall(path.read_text(encoding="utf-8")):
            if kind == "sh":
                lines = content.replace("\\\n", " ").splitlines()
                found += [(name_of(path), line) for line in lines if "zyenta-ops " in line]
    assert len(found) > 40
    return found


@pytest.mark.parametrize(("path", "line"), command_lines())
def test_every_documented_command_line_parses(path: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    words = words[words.index("zyenta-ops") + 1 :]
    command: click.Command = main
    while isinstance(command, click.Group) and (words or not command.invoke_without_command):
        name = words.pop(0)
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"{path}: there is no command '{name}'"
        command = found
    context = command.make_context(line, words)
    assert context.command is command


@pytest.mark.parametrize("path", markdown(), ids=name_of)
def test_every_command_named_in_a_sentence_exists(path: Path) -> None:
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    for quoted in re.findall(r"`zyenta-ops ([a-z][^`]*)`", text):
        command: click.Command = main
        for word in quoted.split():
            if not isinstance(command, click.Group):
                break
            found = command.get_command(click.Context(command), word)
            assert found is not None, f"there is no command 'zyenta-ops {quoted}'"
            command = found


def anchors(path: Path) -> set[str]:
    """The fragments that a document's headings can be reached by, as GitHub makes them."""
    titles = _HEADING.findall(_FENCE.sub("", path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", markdown(), ids=name_of)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    broken = []
    for target in _LINK.findall(_FENCE.sub("", path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, fragment = target.partition("#")
        place = (path.parent / file).resolve() if file else path
        if not place.exists() or (fragment and fragment not in anchors(place)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("path", markdown(), ids=name_of)
def test_no_document_names_a_folder_of_one_machine(path: Path) -> None:
    assert _MACHINE_PATH.findall(path.read_text(encoding="utf-8")) == []


def test_the_pre_commit_hooks_run_what_make_check_runs() -> None:
    recipe = (PROJECT / "Makefile").read_text(encoding="utf-8").split("\ncheck:")[1]
    checks = [
        line.strip().replace("$(BIN)/", "").removesuffix(" .")
        for line in recipe.split("\n\n")[0].splitlines()[1:]
    ]
    hooks = (PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    entries = [
        entry.removeprefix("env ").replace(".venv/bin/", "")
        for entry in re.findall(r"entry: (.+)", hooks)
    ]
    assert entries == checks
