"""The first commands a new user types, on everything real: settings, wiring, feed and database."""

from __future__ import annotations

import shlex
from pathlib import Path

from click.testing import CliRunner

from zyenta_ops.cli import main
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.stores import ProductStatus
from zyenta_ops.settings import Settings

FEED = """id,item_group_id,title,price,cost,stock
shirt-m,shirt,Blue Shirt,20.00,8.00,5
shirt-l,shirt,Blue Shirt,20.00,8.50,0
mug-1,mug,Big Mug,9.00,2.50,12
"""


def test_three_commands_lead_from_nothing_to_a_store_with_products(tmp_path: Path) -> None:
    feed = tmp_path / "products.csv"
    feed.write_text(FEED)
    wiring = Wiring(Settings(home=tmp_path / "home"))
    outputs = [
        CliRunner().invoke(main, shlex.split(words), obj=wiring, catch_exceptions=False)
        for words in (
            'store add "My Shop" --email me@example.com --currency EUR --country DE',
            f"supplier add my-feed --feed {feed} --header 'X-Token: secret'",
            "products import --store my-shop --supplier my-feed --all",
        )
    ]
    assert [result.exit_code for result in outputs] == [0, 0, 0]
    assert outputs[2].output.startswith(
        "Read the catalogue of my-feed for the first time: 3 offers, 0 rejected.\n"
        "Imported 2 products with 3 new variants"
    )
    operations = wiring.operations()
    found = operations.products.list("my-shop")
    assert [(each.title, each.status, len(each.variants)) for each in found] == [
        ("Big Mug", ProductStatus.ACTIVE, 1),
        ("Blue Shirt", ProductStatus.ACTIVE, 2),
    ]
    login = operations.suppliers.credentials("my-feed")
    assert login is not None
    assert login.header == ("X-Token", "secret")
