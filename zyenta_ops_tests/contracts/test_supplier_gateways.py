"""The one suite of promises, on every gateway there is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import pytest
import stamina

from zyenta_ops.domain.supplier_orders import (
    Ability,
    Capabilities,
    Placement,
    SupplierOrderState,
)
from zyenta_ops_tests.adapters.suppliers.aliexpress.service import aliexpress_rig
from zyenta_ops_tests.adapters.suppliers.cj.service import cj_rig
from zyenta_ops_tests.adapters.suppliers.printful.service import printful_rig
from zyenta_ops_tests.adapters.suppliers.spocket.service import spocket_rig
from zyenta_ops_tests.contracts.fake_gateway import (
    EVERYTHING,
    SECRET,
    FakeGateway,
    FakeSupplier,
)
from zyenta_ops_tests.contracts.supplier_gateway import Fault, Rig, SupplierGatewayContract


@dataclass
class FakeRig:
    """The supplier in memory."""

    capabilities: Capabilities = EVERYTHING
    secrets: tuple[str, ...] = (SECRET,)
    supplier: FakeSupplier = field(init=False)
    gateway: FakeGateway = field(init=False)

    def __post_init__(self) -> None:
        self.supplier = FakeSupplier(self.capabilities)
        self.gateway = FakeGateway(self.supplier)

    def product(self) -> str:
        ref = f"P{len(self.supplier.products) + 1}"
        self.supplier.list_product(ref)
        return ref

    def withdrawn_product(self) -> str:
        ref = self.product()
        self.supplier.withdraw(ref)
        return ref

    def unknown_product(self) -> str:
        return "P9999"

    def unknown_order(self) -> str:
        return "F9999"

    def suffer(self, fault: Fault) -> None:
        self.supplier.faults.append(fault)

    def orders(self) -> int:
        states = [each.state for each in self.supplier.orders.values()]
        return len(states) - states.count(SupplierOrderState.CANCELLED)

    def charges(self, external_id: str) -> int:
        return self.supplier.charges.get(external_id, 0)

    def ship(self, external_id: str) -> None:
        self.supplier.ship(external_id)

    def requests(self) -> int:
        return self.supplier.requests

    def webhook(self) -> tuple[Mapping[str, str], bytes] | None:
        if not self.capabilities.can(Ability.WEBHOOKS):
            return None
        body = json.dumps({"event": "E1", "order": "F1"}).encode()
        return {"X-Fake-Secret": SECRET}, body


def fake(capabilities: Capabilities) -> Callable[[], AbstractContextManager[Rig]]:
    @contextmanager
    def open_rig() -> Iterator[Rig]:
        yield FakeRig(capabilities)

    return open_rig


BARE = frozenset({Ability.FETCH_ITEMS, Ability.PLACE_ORDERS, Ability.TRACK})
RIGS: dict[str, Callable[[], AbstractContextManager[Rig]]] = {
    "fake searchable": fake(EVERYTHING),
    "fake idempotent": fake(Capabilities(frozenset(Ability), Placement.IDEMPOTENT_REF)),
    "fake blind": fake(Capabilities(BARE, Placement.BLIND)),
    "aliexpress": aliexpress_rig,
    "cj": cj_rig,
    "printful": printful_rig,
    "spocket": spocket_rig,
}


class TestEverySupplierGateway(SupplierGatewayContract):
    @pytest.fixture(params=RIGS)
    def rig(self, request: pytest.FixtureRequest) -> Iterator[Rig]:
        with stamina.set_testing(True, attempts=100, cap=True), RIGS[request.param]() as rig:
            yield rig
