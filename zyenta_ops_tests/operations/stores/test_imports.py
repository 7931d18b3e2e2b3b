"""Bringing a supplier's offers into a store."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from zyenta_ops.domain.catalog import Rejection
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.products import ImportReport, OfferFilter, Variant
from zyenta_ops.domain.stores import ProductStatus
from zyenta_ops.operations.stores import Products, imports
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.builders import a_product, a_store, a_supplier, an_offer


@pytest.fixture(autouse=True)
def catalogue(sqlite_database: Database) -> None:
    """A shirt in three sizes, one of them sold out, a mug, and a cap that is no longer listed."""
    with sqlite_database.write() as records:
        connection = records.connection
        a_store(connection)
        a_supplier(connection)
        for size, stock in (("l", 0), ("m", 5), ("s", None)):
            an_offer(connection, "shirt", size, "10.00 USD", stock=stock, title="Blue Shirt")
        an_offer(connection, "mug", "one", "2.50 USD", title="Größe Mug", sku="MUG-1")
        an_offer(connection, "cap", "one", "4.00 USD", listing="DELISTED")


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "PAGE", 2)


def variants(products: Products) -> dict[str, list[str]]:
    return {
        product.product_ref: sorted(variant.title for variant in product.variants)
        for product in products.list("my-shop", limit=None)
    }


def test_everything_listed_is_imported_and_waits_for_its_first_sync(products: Products) -> None:
    report = products.import_from_catalogue("my-shop", "my-feed")
    assert report == ImportReport(products_added=2, variants_added=4, offers_skipped=1)
    assert variants(products) == {"mug": ["ONE"], "shirt": ["L", "M", "S"]}
    mug = products.list("my-shop")[1]
    assert (mug.title, mug.status, mug.price_locked) == ("Größe Mug", "ACTIVE", False)
    assert mug.images == ("https://images.example/mug.jpg",)
    (one,) = mug.variants
    assert one == Variant(one.id, mug.id, one.offer_id, "ONE", "MUG-1")


@pytest.mark.usefixtures("small_pages")
def test_a_product_whose_variants_lie_on_two_pages_is_one_product(products: Products) -> None:
    report = products.import_from_catalogue("my-shop", "my-feed")
    assert report == ImportReport(products_added=2, variants_added=4, offers_skipped=1)
    assert variants(products) == {"mug": ["ONE"], "shirt": ["L", "M", "S"]}


@pytest.mark.usefixtures("small_pages")
def test_importing_again_changes_nothing(products: Products) -> None:
    products.import_from_catalogue("my-shop", "my-feed")
    before = products.list("my-shop")
    report = products.import_from_catalogue("my-shop", "my-feed", status=ProductStatus.DRAFT)
    assert report == ImportReport(products_kept=2, variants_kept=4, offers_skipped=1)
    assert products.list("my-shop") == before


def test_a_product_that_is_there_gains_new_variants_and_is_left_alone_otherwise(
    products: Products, sqlite_database: Database
) -> None:
    with sqlite_database.write() as records:
        a_product(records.connection, "shirt", title="Our own title", status="ARCHIVED")
    report = products.import_from_catalogue("my-shop", "my-feed", OfferFilter(("shirt",)))
    assert report == ImportReport(variants_added=3, products_kept=1)
    (shirt,) = products.list("my-shop")
    assert (shirt.title, shirt.status, len(shirt.variants)) == ("Our own title", "ARCHIVED", 3)


@pytest.mark.parametrize(
    ("wanted", "imported"),
    [
        (OfferFilter(("mug", "missing")), {"mug": ["ONE"]}),
        (OfferFilter(title_contains="BLUE"), {"shirt": ["L", "M", "S"]}),
        (OfferFilter(cost_to=Decimal("2.50")), {"mug": ["ONE"]}),
        (OfferFilter(in_stock=True), {"mug": ["ONE"], "shirt": ["M", "S"]}),
        (OfferFilter(("shirt",), cost_from=Decimal("10.01")), {}),
    ],
)
@pytest.mark.usefixtures("small_pages")
def test_a_filter_chooses_offers(
    products: Products, wanted: OfferFilter, imported: dict[str, list[str]]
) -> None:
    report = products.import_from_catalogue("my-shop", "my-feed", wanted)
    assert variants(products) == imported
    assert (report.products_added, report.variants_added) == (
        len(imported),
        sum(len(titles) for titles in imported.values()),
    )


@pytest.mark.usefixtures("small_pages")
def test_a_limit_counts_products_and_is_the_same_limit_the_next_time(products: Products) -> None:
    first = products.import_from_catalogue("my-shop", "my-feed", limit=1)
    again = products.import_from_catalogue("my-shop", "my-feed", limit=1)
    assert variants(products) == {"mug": ["ONE"]}
    assert (first.products_added, first.variants_added) == (1, 1)
    assert (again.products_added, again.products_kept, again.variants_kept) == (0, 1, 1)
    products.import_from_catalogue("my-shop", "my-feed", limit=2)
    assert variants(products) == {"mug": ["ONE"], "shirt": ["L", "M", "S"]}


def test_products_begin_as_asked(products: Products) -> None:
    products.import_from_catalogue("my-shop", "my-feed", status=ProductStatus.DRAFT)
    assert {product.status for product in products.list("my-shop")} == {ProductStatus.DRAFT}


def test_an_import_that_cannot_be_is_refused_and_nothing_is_added(
    products: Products, sqlite_database: Database, tmp_path: Path
) -> None:
    with sqlite_database.write() as records:
        a_store(records.connection, "old-shop", status="CLOSED")
        a_supplier(records.connection, "unread", promoted_sequence=0)
    path = tmp_path / "list.csv"
    path.write_text("product_ref\nmug\n")
    for store, supplier, status, sentence in (
        ("my-shp", "my-feed", ProductStatus.ACTIVE, "there is no store 'my-shp'; did you mean"),
        ("my-shop", "feed", ProductStatus.ACTIVE, "there is no supplier 'feed'; did you mean"),
        ("old-shop", "my-feed", ProductStatus.ACTIVE, "the store 'old-shop' is closed"),
        ("my-shop", "unread", ProductStatus.ACTIVE, "nothing is known yet of what 'unread' offers"),
        ("my-shop", "my-feed", ProductStatus.DELISTED, "a product cannot begin as DELISTED"),
    ):
        with pytest.raises(Refused, match=sentence):
            products.import_from_catalogue(store, supplier, status=status)
        with pytest.raises(Refused, match=sentence):
            products.import_from_file(store, supplier, path, status=status)
    assert products.list("my-shop") == products.list("old-shop") == ()


@pytest.mark.usefixtures("small_pages")
def test_a_list_imports_what_it_names_and_says_why_not_the_rest(
    products: Products, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "\ufeffProduct_Ref,variant_ref,note,title,price_locked,status\n"
        "shirt,m,,My own shirt,YES,draft\n"
        "mug,,,,,\n"
        "shirt,xxl,,,,\n"
        "\n"
        ",m,,,,\n"
        "hat,,,,,\n"
        "cap,,,,,\n"
        "mug,,,,maybe,\n"
        "mug,,,,,SOLD\n"
        "mug,,,,,,,\n"
        "shirt,s,,Another title,no,ACTIVE\n",
        encoding="utf-8",
    )
    report = products.import_from_file("my-shop", "my-feed", path)
    assert variants(products) == {"mug": ["ONE"], "shirt": ["M", "S"]}
    mug, shirt = products.list("my-shop")
    assert (shirt.title, shirt.status, shirt.price_locked) == ("My own shirt", "DRAFT", True)
    assert (mug.title, mug.status, mug.price_locked) == ("Größe Mug", "ACTIVE", False)
    assert (report.products_added, report.variants_added, report.products_kept) == (2, 3, 0)
    assert report.rejected == 7
    assert report.rejections == (
        Rejection(4, "shirt", "my-feed offers the product without a variant 'xxl'"),
        Rejection(6, None, "the line has no product_ref"),
        Rejection(7, "hat", "my-feed offers no such product"),
        Rejection(8, "cap", "my-feed no longer lists it"),
        Rejection(9, "mug", "price_locked is 'maybe'; write yes or no"),
        Rejection(10, "mug", "a product cannot begin as 'SOLD'; write ACTIVE, DRAFT, ON_HOLD"),
        Rejection(11, "mug", "the line has 8 cells under 6 columns"),
    )


def test_a_list_without_a_line_that_can_be_read_imports_nothing(
    products: Products, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("product_ref,title\n,Mug\n")
    report = products.import_from_file("my-shop", "my-feed", path)
    assert report == ImportReport(
        rejected=1, rejections=(Rejection(2, None, "the line has no product_ref"),)
    )
    assert products.list("my-shop") == ()


def test_importing_a_list_again_changes_nothing(products: Products, tmp_path: Path) -> None:
    path = tmp_path / "list.tsv"
    path.write_text("product_ref\tprice_locked\nshirt\tyes\nshirt\tno\n")
    first = products.import_from_file("my-shop", "my-feed", path)
    before = products.list("my-shop")
    again = products.import_from_file("my-shop", "my-feed", path, status=ProductStatus.DRAFT)
    assert (first.products_added, first.variants_added) == (1, 3)
    assert before[0].price_locked
    assert again == ImportReport(products_kept=1, variants_kept=3)
    assert products.list("my-shop") == before


@pytest.fixture
def longest_csv_field() -> Iterator[int]:
    """The limit of the csv module as it is at first; reading a feed raises it."""
    before = csv.field_size_limit(131_072)
    yield 131_072
    csv.field_size_limit(before)


def test_lines_that_are_no_utf_8_or_no_csv_spoil_only_themselves(
    products: Products, tmp_path: Path, longest_csv_field: int
) -> None:
    path = tmp_path / "list.csv"
    long = b"x" * (longest_csv_field + 1)
    path.write_bytes(b"product_ref;title\nshirt;Gr\xf6\xdfe\nmug;" + long + b"\nmug;\n")
    report = products.import_from_file("my-shop", "my-feed", path)
    assert variants(products) == {"mug": ["ONE"]}
    assert [(each.line, each.reference) for each in report.rejections] == [(2, "shirt"), (3, None)]
    assert "the line is not UTF-8" in report.rejections[0].reason
    assert "the line is no CSV: field larger than field limit" in report.rejections[1].reason


def test_a_cell_of_immoderate_length_spoils_its_line(products: Products, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"product_ref;title\nmug;{'x' * 10_001}\n")
    (rejection,) = products.import_from_file("my-shop", "my-feed", path).rejections
    assert (rejection.line, rejection.reference, rejection.reason) == (
        2,
        "mug",
        "a cell of the line is longer than 10000 characters",
    )
    assert variants(products) == {}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "has no column 'product_ref' in its first line"),
        (b"sku,title\nmug,Mug\n", "has no column 'product_ref' in its first line"),
        ("product_ref\nmug\n".encode("utf-16"), "has no column 'product_ref' in its first line"),
        (b"<html>" + b"x" * 200_000, "has no column 'product_ref' in its first line"),
    ],
)
def test_a_file_that_is_no_product_list_is_refused_and_nothing_is_added(
    products: Products, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "list.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refused, match=sentence):
        products.import_from_file("my-shop", "my-feed", path)
    assert products.list("my-shop") == ()


def test_of_many_rejections_the_first_are_kept_and_all_are_counted(
    products: Products, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "REJECTIONS_KEPT", 3)
    path = tmp_path / "list.csv"
    path.write_text("product_ref\n" + "".join(f"no-{line}\n" for line in range(2, 12)))
    report = products.import_from_file("my-shop", "my-feed", path)
    assert [each.reference for each in report.rejections] == ["no-2", "no-3", "no-4"]
    assert report.rejected == 10


def test_an_unknown_store_has_no_list(products: Products) -> None:
    with pytest.raises(NotFound, match="there is no store 'nowhere'"):
        products.list("nowhere")
