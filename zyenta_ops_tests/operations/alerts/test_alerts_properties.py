from __future__ import annotations

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zyenta_ops.persistence.schema import alert, alert_subject, outbox_message
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop

VARIANTS = ("a", "b", "c")
NUMBERS = count()

step = st.one_of(
    st.tuples(st.sampled_from(VARIANTS), st.sampled_from([0, 3, 20])),
    st.just("tell"),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(step, min_size=1, max_size=14))
def test_unresolved_alerts_name_exactly_what_is_out_however_stock_moves(
    shop: Shop, steps: list[tuple[str, int] | str]
) -> None:
    """Each variant that is out is named once; nothing that can be bought is named; one mail each.

    Every example has a store of its own in one database.
    """
    mine = Shop(shop.database, shop.clock, shop.new_id, f"s{next(NUMBERS)}", shop.changes)
    mine.opened()
    variants = dict(zip(VARIANTS, (mine.sells(each)[0] for each in VARIANTS), strict=True))
    units = dict.fromkeys(VARIANTS, 20)
    for each in [*steps, "tell"]:
        if isinstance(each, str):
            mine.alerts.tell(SUPPLIER, [mine.store_id], None)
            out = {variants[name] for name in VARIANTS if units[name] == 0}
            assert sorted(named(mine)) == sorted(out)
            assert mails_match_alerts(mine)
            continue
        name, after = each
        before, units[name] = units[name], after
        if bool(before) != bool(after):
            mine.stock(variants[name], after, "RESTOCKED" if after else "STOCK_OUT")
        else:
            mine.stock(variants[name], after)


def named(shop: Shop) -> list[str]:
    """Variants that unresolved STOCK_OUT alerts of the store still name, one entry per alert."""
    unresolved = {
        row["id"]
        for row in shop.open_alerts()
        if row["store_id"] == shop.store_id and row["type"] == "STOCK_OUT"
    }
    return [
        row["variant_id"]
        for row in shop.rows(alert_subject)
        if row["alert_id"] in unresolved and row["cleared_at"] is None
    ]


def mails_match_alerts(shop: Shop) -> bool:
    """Whether every alert of the store has one mail, withdrawn exactly when it is resolved."""
    status = {
        f"alert:{row['id']}": "WITHDRAWN" if row["status"] == "RESOLVED" else "PENDING"
        for row in shop.rows(alert)
        if row["store_id"] == shop.store_id
    }
    mails = [row for row in shop.rows(outbox_message) if row["store_id"] == shop.store_id]
    return {row["regarding"]: row["status"] for row in mails} == status and len(mails) == len(
        status
    )
