"""The compose file passes on every setting, to every process, and its README tells of them all."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from zyenta_ops.settings import PREFIX, Settings, variable

DEPLOY = Path(__file__).parents[1] / "deploy"
README = (DEPLOY / "README.md").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: each for name, each in COMPOSE["services"].items() if name != "postgres"}

# What the image or compose itself decides, and what is for trying things out.
OF_THE_IMAGE = {"ZYENTA_HOME"}
COMPOSED = {"ZYENTA_DATABASE_URL"}
FOR_TRIALS = {"ZYENTA_SANDBOX_URL"}
SETTINGS = {variable(each) for each in fields(Settings)}


@pytest.mark.parametrize("service", sorted(OURS))
def test_every_process_is_given_every_setting_that_production_needs(service: str) -> None:
    given = {
        name: value
        for name, value in OURS[service]["environment"].items()
        if name.startswith(PREFIX)
    }

    assert given.keys() == SETTINGS - OF_THE_IMAGE - FOR_TRIALS
    for name in given.keys() - COMPOSED:
        assert re.fullmatch(rf"\$\{{{name}:(-|\?)\}}", given[name]), given[name]


def test_what_the_image_decides_is_in_its_dockerfile() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")

    assert all(f"{name}=" in dockerfile for name in OF_THE_IMAGE)


def test_what_compose_leaves_empty_is_as_if_it_were_not_set() -> None:
    empty = dict.fromkeys(SETTINGS, "")

    assert Settings.from_environment(empty) == Settings()


def test_the_readme_sets_only_what_compose_reads() -> None:
    block = re.search(r"^```\n(POSTGRES_PASSWORD=.*?)^```$", README, re.M | re.S)
    assert block is not None
    written = {line.partition("=")[0] for line in block[1].splitlines()}

    read = set(re.findall(r"\$\{(\w+):", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    needed = set(re.findall(r"\$\{(\w+):\?", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    assert needed <= written <= read
    assert {"ZYENTA_STRIPE_KEY", "ZYENTA_FIRST_PLAN", "ZYENTA_EDGE_URL"} <= written


@pytest.mark.parametrize("service", sorted(COMPOSE["services"].keys() - {"postgres", "migrate"}))
def test_the_readme_tells_of_every_process(service: str) -> None:
    named = "code server" if service == "code" else service

    assert re.search(rf"^\| {named} \|", README, re.M | re.I)
    ports = COMPOSE["services"][service].get("ports", [])
    assert all(f"http://{port.rpartition(':')[0]}" in README for port in ports)
