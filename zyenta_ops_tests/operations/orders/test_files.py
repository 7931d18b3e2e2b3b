"""Files of orders: every shape, and what is wrong with one order spoils that one only."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zyenta_ops.domain.documents import Fault
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.operations.orders import (
    Handed,
    ImportedOrder,
    ImportReport,
    Orders,
    Outcome,
    read_orders,
)
from zyenta_ops.operations.orders.files import ITEM_COLUMNS, ORDER_COLUMNS
from zyenta_ops_tests.orders import PERSONAL, a_document

ONE, TWO = a_document(), a_document(number="1002")


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of a CSV file that tell the same as a document."""
    whole = {
        name: value for name, value in document.items() if not isinstance(value, dict | list)
    } | {
        f"{part}.{name}": value
        for part in ("customer", "address")
        for name, value in document[part].items()
    }
    items = [{f"item.{name}": value for name, value in item.items()} for item in document["items"]]
    first = {"number": document["number"]}
    return [whole | items[0], *(first | item for item in items[1:])]


def table(
    folder: Path, lines: list[dict[str, Any]], name: str = "orders.csv", sep: str = ","
) -> Path:
    path = folder / name
    columns = list(dict.fromkeys(column for line in lines for column in line))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=sep)
        writer.writeheader()
        writer.writerows(lines)
    return path


@pytest.mark.parametrize(
    ("name", "text", "places"),
    [
        ("orders.json", json.dumps([ONE, TWO], indent=1), ["order 1", "order 2"]),
        ("orders.json", f"\ufeff{json.dumps(ONE, indent=1)}", ["order 1"]),
        ("orders.json", f"{json.dumps(ONE)}\n\n{json.dumps(TWO)}\n", ["line 1", "line 3"]),
        ("orders.ndjson", json.dumps(ONE), ["line 1"]),
        ("orders.json", "[]", []),
    ],
)
def test_json_is_an_array_an_object_or_an_object_a_line(
    tmp_path: Path, name: str, text: str, places: list[str]
) -> None:
    documents = [ONE, TWO][: len(places)]
    assert list(read_orders(written(tmp_path, name, text))) == [
        Handed(where, document) for where, document in zip(places, documents, strict=True)
    ]


@pytest.mark.parametrize(("name", "sep"), [("o.csv", ","), ("o.CSV", ";"), ("o.tsv", "\t")])
def test_a_table_with_a_line_for_each_item_tells_the_same_as_json(
    tmp_path: Path, name: str, sep: str
) -> None:
    lines = rows(ONE) + rows(TWO)
    assert list(read_orders(table(tmp_path, lines, name, sep))) == [
        Handed("line 2", ONE),
        Handed("line 4", TWO),
    ]


def test_lines_of_an_order_need_not_stand_together_but_must_agree(tmp_path: Path) -> None:
    first, second = rows(ONE)
    other, more = rows(TWO)

    path = table(tmp_path, [first, other, more, second])
    assert list(read_orders(path)) == [Handed("line 2", ONE), Handed("line 3", TWO)]

    path = table(tmp_path, [first, second | {"total_minor": 1}, other, more])
    assert list(read_orders(path)) == [
        Handed("line 2", problem="total_minor differs between lines of the order (2 and 3)"),
        Handed("line 4", TWO),
    ]


def test_what_is_wrong_with_a_line_spoils_that_line_only(tmp_path: Path) -> None:
    text = 'number;item.quantity;item.sku\n;1;A\n7;1;A;more\n\n8;1.5;"A\nB"\n9;2;\udce4\n'
    assert list(read_orders(written(tmp_path, "orders.csv", text))) == [
        Handed("line 2", problem="the line has no number of an order"),
        Handed("line 3", problem="the line has 4 cells under 3 columns"),
        Handed(
            "line 5",
            {"customer": {}, "address": {}, "number": "8",
             "items": [{"quantity": "1.5", "sku": "A\nB"}]},
        ),
        Handed(
            "line 7",
            {"customer": {}, "address": {}, "number": "9",
             "items": [{"quantity": 2, "sku": "\udce4"}]},
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("lines", [True, False])
def test_an_order_that_gives_a_field_twice_spoils_itself_only(tmp_path: Path, lines: bool) -> None:
    twice = json.dumps(ONE).replace('"email":', '"email": "bob@example.com", "email":', 1)
    both = [twice, json.dumps(TWO)]
    text = "\n".join(both) if lines else f"[{', '.join(both)}]"
    places = ("line 1", "line 2") if lines else ("order 1", "order 2")

    assert list(read_orders(written(tmp_path, "orders.json", text))) == [
        Handed(places[0], problem="the order gives customer.email twice"),
        Handed(places[1], TWO),
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("o.json", '[{"number": "1"]', "is not JSON: Expecting ',' delimiter in line 1, column 16"),
        ("o.json", "", "is not JSON: Expecting value in line 1, column 1"),
        ("o.json", "9" * 5000, "holds a number or nesting beyond all use"),
        ("o.json", "[" * 100_000, "holds a number or nesting beyond all use"),
        ("o.csv", "", "has no column 'item.quantity' in its first line"),
        ("o.csv", "number,item.sku\n", "has no column 'item.quantity' in its first line"),
        ("o.csv", "number,colour,item.quantity\n", "has a column 'colour' in its first line"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, name: str, text: str, told: str) -> None:
    path = written(tmp_path, name, text)
    with pytest.raises(Refused) as caught:
        list(read_orders(path))
    assert str(caught.value).startswith(f"the orders file {path} {told}")
    with pytest.raises(Refused, match="cannot be read: No such file or directory"):
        list(read_orders(tmp_path / "none.json"))


def test_a_broken_line_of_ndjson_is_refused_alone(tmp_path: Path) -> None:
    text = f'{json.dumps(ONE)}\n{{"number": \n{json.dumps(TWO)}'
    assert list(read_orders(written(tmp_path, "orders.json", text))) == [
        Handed("line 1", ONE),
        Handed("line 2", problem="the line is not JSON: Expecting value in line 1, column 12"),
        Handed("line 3", TWO),
    ]


@given(
    content=st.binary(max_size=200)
    | st.text(st.sampled_from('{}[]",:\n;019aé'), max_size=60).map(str.encode)
    | st.text(st.sampled_from('",;\n1a '), max_size=60).map(
        lambda text: f"number;item.quantity;store\n{text}".encode()
    ),
    name=st.sampled_from(["o.json", "o.csv", "o.ndjson"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_gives_orders_or_reasons(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    try:
        handed = list(read_orders(path))
    except Refused:
        return
    assert all((each.problem is None) or (each.document is None) for each in handed)


def test_every_field_of_an_order_has_a_column() -> None:
    document = a_document()
    parts = {"customer": document["customer"], "address": document["address"]}
    named = {name for name in document if name not in (*parts, "items")} | {
        f"{part}.{name}" for part, fields in parts.items() for name in fields
    }
    assert named <= set(ORDER_COLUMNS)
    assert {f"item.{name}" for item in document["items"] for name in item} <= set(ITEM_COLUMNS)


def test_one_bad_order_does_not_stop_the_others(orders: Orders, tmp_path: Path) -> None:
    bad = a_document(number="1003", total_minor=1)
    changed = a_document(shipping_minor=0, total_minor=4448)
    documents = [ONE, bad, "order", ONE, TWO, changed]
    path = written(tmp_path, "orders.json", json.dumps(documents))

    report = orders.import_many("my-shop", read_orders(path), "cli")

    one, two = (orders.show(f"my-shop:{number}").order for number in ("1001", "1002"))
    amount = Fault("total_minor", "must be 4938: subtotal - discount + shipping + tax")
    assert report == ImportReport(
        created=2,
        known=1,
        refused=3,
        orders=(
            ImportedOrder("order 1", Outcome.CREATED, one.id),
            ImportedOrder(
                "order 2",
                Outcome.REFUSED,
                reason=f"order '1003' cannot be taken: {amount}",
                faults=(amount,),
            ),
            ImportedOrder(
                "order 3",
                Outcome.REFUSED,
                reason="the order cannot be taken: the document must be a JSON object",
                faults=(Fault("the document", "must be a JSON object"),),
            ),
            ImportedOrder("order 4", Outcome.KNOWN, one.id),
            ImportedOrder("order 5", Outcome.CREATED, two.id),
            ImportedOrder(
                "order 6",
                Outcome.REFUSED,
                reason=f"order '1001' was handed over before with other content, as {one.id};"
                " give a new order a new number",
            ),
        ),
    )
    assert not [word for word in PERSONAL if word in repr(report)]
    assert len(orders.list()) == 2


def test_an_order_is_known_whichever_kind_of_file_tells_of_it(
    orders: Orders, tmp_path: Path
) -> None:
    created = orders.import_many("my-shop", read_orders(table(tmp_path, rows(ONE))), "cli")
    path = written(tmp_path, "orders.json", json.dumps(ONE))
    known = orders.import_many("my-shop", read_orders(path), "cli")

    assert (created.created, known.known) == (1, 1)
    assert created.orders[0].order_id == known.orders[0].order_id


def test_an_import_into_a_store_that_is_not_there_reads_no_file(
    orders: Orders, tmp_path: Path
) -> None:
    with pytest.raises(NotFound, match="there is no store 'my-shp'; did you mean my-shop"):
        orders.import_many("my-shp", read_orders(tmp_path / "none.json"), "cli")
