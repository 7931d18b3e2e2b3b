from __future__ import annotations

import base64
import re

from zyenta_ops.defs.reporting import REPORT_DAYS
from zyenta_ops_tests.defs.world import World

MEASURES = ("syncs", "changed", "failed_syncs", "price_changes", "alerts", "messages_sent")
MOST_BYTES = 50_000  # every byte lies in Dagster's event log


def test_the_daily_report_counts_each_day_and_draws_it(world: World) -> None:
    world.supplier()
    world.store("Ann")
    world.run()
    world.clock.advance(days=1)
    world.feed.rows[0]["Variant Inventory Qty"] = "0"
    world.feed.rows[1]["Cost per item"] = "13.20"
    world.run()
    world.run("deliver_notifications", None)

    run = world.run("daily_report", None)

    report = run.assets["ops_report"]
    picture = report.pop("chart")
    days = report.pop("days")
    yesterday = dict.fromkeys(MEASURES, 0) | {
        "day": "2026-11-02",
        "syncs": 1,
        "changed": 12,
        "price_changes": 12,
    }
    today = {
        "syncs": 1,
        "changed": 2,
        "failed_syncs": 0,
        "price_changes": 1,
        "alerts": 1,
        "messages_sent": 1,
    }
    assert report == today | {"stale_stores": 0}
    assert len(days) == REPORT_DAYS == 14
    assert days[-2:] == [yesterday, today | {"day": "2026-11-03"}]
    assert all(set(day.values()) - {day["day"]} == {0} for day in days[:-2])
    encoded = re.fullmatch(r"!\[the last 14 days]\(data:image/png;base64,(.+)\)", picture)
    assert encoded is not None
    png = base64.b64decode(encoded[1], validate=True)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(picture) < MOST_BYTES


def test_a_report_on_nothing_is_all_zeros(world: World) -> None:
    report = world.run("daily_report", None).assets["ops_report"]

    assert [report[measure] for measure in MEASURES] == [0] * 6
    assert report["stale_stores"] == 0
