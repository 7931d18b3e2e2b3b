"""What CJ wants for sending lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    SupplierUnavailable,
)
from zyenta_ops.domain.supplier_orders import (
    OrderLine,
    ShippingQuote,
    ShippingRequest,
)
from zyenta_ops_tests.adapters.suppliers.cj.service import (
    CjRig,
    answered,
    failure,
    success,
)
from zyenta_ops_tests.adapters.web_server import in_turn


def line(vid: str = "2502900@CN", quantity: int = 1) -> OrderLine:
    return OrderLine("2502", vid.partition("@")[0], vid, quantity)


def shipping(*lines: OrderLine, ships_from: str | None = None) -> ShippingRequest:
    return ShippingRequest(lines, "US", "USD", "OR", "Springfield", "97477", ships_from=ships_from)


class TestFreight:
    def test_methods_are_quoted_cheapest_first_with_taxes_apart(self, rig: CjRig) -> None:
        rig.product()
        assert rig.gateway.quote_shipping(shipping(line(quantity=2))) == (
            ShippingQuote(
                "CJPacket Ordinary",
                "CJPacket Ordinary",
                Money(4_96, "USD"),
                7,
                12,
                ships_from="CN",
                taxes=Money(1_50, "USD"),
            ),
            ShippingQuote("DHL", "DHL", Money(19_99, "USD"), 3, 5, ships_from="CN"),
        )
        (asked,) = rig.web.asked
        assert json.loads(asked.body) == {
            "startCountryCode": "CN",
            "endCountryCode": "US",
            "zip": "97477",
            "products": [{"vid": "2502900", "quantity": 2}],
        }

    @pytest.mark.parametrize(
        ("fields", "cost", "days"),
        [
            ({"logisticPrice": "4.71", "logisticAging": "8"}, 4_71, (8, 8)),
            ({"logisticPrice": 4.71, "totalPostageFee": 5.00}, 5_00, (None, None)),
            (
                {"logisticPrice": 4.71, "taxesFee": 1, "totalPostageFee": 6, "logisticAging": "?"},
                5_00,
                (None, None),
            ),
        ],
    )
    def test_fees_that_are_not_listed_are_in_the_cost(
        self, rig: CjRig, fields: dict[str, Any], cost: int, days: tuple[int | None, int | None]
    ) -> None:
        rig.web.routes["/logistic/freightCalculate"] = answered(
            success([{"logisticName": "Y", **fields}])
        )
        (quote,) = rig.gateway.quote_shipping(shipping(line()))
        assert (quote.cost, (quote.min_days, quote.max_days)) == (Money(cost, "USD"), days)

    def test_a_method_that_comes_twice_is_quoted_once_at_its_lowest(self, rig: CjRig) -> None:
        options = [("A", 3), ("B", 2), ("A", 1)]
        rig.web.routes["/logistic/freightCalculate"] = answered(
            success([{"logisticName": name, "logisticPrice": price} for name, price in options])
        )
        quotes = rig.gateway.quote_shipping(shipping(line()))
        assert [(each.service_code, each.cost.minor) for each in quotes] == [("A", 100), ("B", 200)]

    @pytest.mark.parametrize("answer", [success([]), success(None), failure(1605002)])
    def test_where_nothing_goes_nothing_is_quoted(self, rig: CjRig, answer: Any) -> None:
        rig.web.routes["/logistic/freightCalculate"] = answered(answer)
        assert rig.gateway.quote_shipping(shipping(line())) == ()

    def test_a_method_without_a_price_fails_the_quote(self, rig: CjRig) -> None:
        rig.web.routes["/logistic/freightCalculate"] = answered(success([{"logisticName": "Y"}]))
        with pytest.raises(SupplierUnavailable):
            rig.gateway.quote_shipping(shipping(line()))

    def test_a_freight_that_failed_is_asked_again(self, rig: CjRig) -> None:
        rig.web.routes["/logistic/freightCalculate"] = in_turn(
            answered(failure(1607004)),
            answered(success([{"logisticName": "Y", "logisticPrice": 1}])),
        )
        assert len(rig.gateway.quote_shipping(shipping(line()))) == 1
