"""A CJ of a test's own, as its documentation and reports of the live service describe it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import new
from typing import Any

from zyenta_ops.adapters.suppliers.cj import CjConfig, CjGateway
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import (
    FakeLogin,
    FreeLimiter,
    connections,
)
from zyenta_ops_tests.adapters.suppliers.service import Service, json_answer
from zyenta_ops_tests.adapters.web_server import Asked, Respond, WebServer, status, web_server
from zyenta_ops_tests.contracts.supplier_gateway import Fault

API_KEY = "CJ1234567@api@k3y-s3cret"
ACCESS = "acc3ss-s3cret"
REFRESH = "r3fresh-s3cret"
OPEN_ID = "12312"
SECRETS = {
    "api_key": API_KEY,
    "access_token": ACCESS,
    "refresh_token": REFRESH,
    "open_id": OPEN_ID,
}


def success(data: Any) -> dict[str, Any]:
    return {"code": 200, "result": True, "message": "Success", "data": data, "requestId": "r-1"}


def failure(code: int, message: str = "no") -> dict[str, Any]:
    return {"code": code, "result": False, "message": message, "data": None, "requestId": "r-2"}


def answered(document: Any, code: int = 200) -> Respond:
    return status(code, json.dumps(document).encode(), Content_Type="application/json")


def inventory(country: str = "CN", cj: int = 30, factory: int = 70) -> dict[str, Any]:
    return {
        "countryCode": country,
        "totalInventory": cj + factory,
        "cjInventory": cj,
        "factoryInventory": factory,
        "verifiedWarehouse": 1,
        "stock": [],
    }


def variant(vid: str, **changes: Any) -> dict[str, Any]:
    return {
        "vid": vid,
        "pid": "2502",
        "variantSku": f"CJYD{vid}",
        "variantNameEn": "Tea bowl black large",
        "variantKey": "Black-L",
        "variantSellPrice": 11.09,
        "variantWeight": 420.0,
        "variantImage": "https://files.example/bowl-black.jpg",
        "inventories": [inventory()],
        **changes,
    }


@dataclass
class CjService(Service):
    """Tokens, products, freight, orders, the balance, tracking and disputes."""

    reads: frozenset[str] = frozenset(
        f"/{each}"
        for each in (
            "authentication/getAccessToken",
            "authentication/refreshAccessToken",
            "logistic/freightCalculate",
            "disputes/disputeConfirmInfo",
        )
    )
    refresh_token: str = REFRESH
    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    parcels: dict[str, dict[str, Any]] = field(default_factory=dict)
    balance: str = "100.00"
    paid: list[str] = field(default_factory=list)
    simulated: list[str] = field(default_factory=list)
    disputes: list[dict[str, Any]] = field(default_factory=list)
    holds: list[dict[str, Any]] = field(default_factory=list)  # of orders to come

    def refusal(self, code: int) -> Any:
        return failure({401: 1600001, 429: 1600200}[code], "Invalid API key or access token")

    def refuse(self, code: int, **headers: str) -> Respond:
        """CJ's refusals come with HTTP 200, except where a wait is asked for."""
        if int(headers.get("Retry-After", 0)):
            return super().refuse(code, **headers)
        return json_answer(200, self.refusal(code))

    def admits(self, asked: Asked) -> bool:
        return asked.path.startswith("/authentication/") or (
            asked.headers.get("cj-access-token") == self.token
        )

    def answer(self, asked: Asked, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        return 200, self._answer(asked.method, path.strip("/"), query, body, asked)

    def _answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any, asked: Asked
    ) -> Any:
        match [method, *path.split("/")]:
            case ["POST", "authentication", step]:
                return self._log_in(step, body)
            case ["GET", "product", "query"]:
                found = self.products.get(query["pid"])
                return success(found) if found else failure(1602001, "Product not found")
            case ["POST", "logistic", "freightCalculate"]:
                return self._freight(body)
            case ["GET", "logistic", "trackInfo"]:
                asked_for = [each.partition("=")[2] for each in asked.path.split("?")[1].split("&")]
                return success([self.parcels[each] for each in asked_for if each in self.parcels])
            case ["GET", "shopping", "pay", "getBalance"]:
                return success({"amount": float(self.balance), "freezeAmount": 0})
            case ["GET" | "POST", "disputes", step]:
                return self._dispute(step, query, body)
            case [_, "shopping", _, step]:
                return self._order_step(step, (body or query), body)
        return failure(1600101, "Interface not found")

    def order(self, name: str) -> dict[str, Any] | None:
        by_number = {each["orderNum"]: each for each in self.orders.values()}
        return self.orders.get(name) or by_number.get(name)

    def ship(self, external_id: str) -> None:
        number = f"CJPKL{external_id}YQ"
        self.orders[external_id].update(
            orderStatus="SHIPPED",
            trackNumber=number,
            logisticName="CJPacket Ordinary",
            trackingUrl=f"https://track.example/{number}",
        )
        self.parcels[number] = {
            "trackingNumber": number,
            "logisticName": "CJPacket Ordinary",
            "trackingFrom": "CN",
            "trackingTo": "US",
            "trackingStatus": "In transit",
            "routes": [
                {"acceptTime": "2026-09-12 06:13:48", "remark": "Arrived", "acceptAddress": "TLV"},
                {"acceptTime": "2026-09-08 10:07:49", "remark": "Handed over"},
            ],
        }

    def _log_in(self, step: str, body: Any) -> Any:
        if step == "getAccessToken" and body.get("apiKey") != API_KEY:
            return failure(1600001, f"Invalid API key {body.get('apiKey')}")
        if step == "refreshAccessToken" and body.get("refreshToken") != self.refresh_token:
            return failure(1600003, "Invalid Refresh token")
        return success(
            {
                "openId": int(OPEN_ID),
                "accessToken": self.token,
                "accessTokenExpiryDate": "2026-11-17T20:00:00+08:00",
                "refreshToken": self.refresh_token,
                "refreshTokenExpiryDate": "2027-05-01T20:00:00+08:00",
                "createDate": "2026-11-02T20:00:00+08:00",
            }
        )

    def _knows(self, lines: Any) -> bool:
        sold = {each["vid"] for product in self.products.values() for each in product["variants"]}
        return all(each["vid"] in sold for each in lines)

    def _freight(self, body: Any) -> Any:
        if not self._knows(body["products"]):
            return failure(1602000, "Variant not found")
        return success(
            [
                {"logisticName": "DHL", "logisticPrice": 19.99, "logisticAging": "3-5"},
                {
                    "logisticName": "CJPacket Ordinary",
                    "logisticPrice": 4.71,
                    "logisticPriceCn": 33.0,
                    "logisticAging": "7-12",
                    "taxesFee": 1.5,
                    "clearanceOperationFee": 0.25,
                    "totalPostageFee": 6.46,
                },
            ]
        )

    def _order_step(self, step: str, names: Mapping[str, Any], body: Any) -> Any:
        if step == "createOrderV2":
            return self._create(body)
        order = self.order(names["orderId"])
        if order is None:
            return failure(1600300 if step == "getOrderDetail" else 1603100, "Order not found")
        if step == "getOrderDetail":
            return success(order)
        now = order["orderStatus"]
        allowed, after = {
            "confirmOrder": ({"CREATED", "IN_CART"}, "UNPAID"),
            "payBalance": ({"UNPAID"}, "UNSHIPPED"),
            "simulatePay": ({"UNPAID"}, "UNSHIPPED"),
            "deleteOrder": ({"CREATED", "IN_CART", "UNPAID"}, ""),
        }[step]
        if now not in allowed:
            return failure({"confirmOrder": 1603001, "deleteOrder": 1603002}.get(step, 1603101))
        external_id = order["cjOrderId"]
        if step == "deleteOrder":
            del self.orders[external_id]
            return success(external_id)
        if step == "payBalance":
            if order["isSandbox"]:
                return failure(1603101)
            self.paid.append(external_id)
        if step == "simulatePay":
            if not order["isSandbox"]:
                return failure(1603101)
            self.simulated.append(external_id)
        order["orderStatus"] = after
        return success(external_id)

    def _create(self, body: Any) -> Any:
        if self.order(body["orderNumber"]):
            return failure(1603003, f"Order exists for {body['shippingCustomerName']}")
        if not self._knows(body["products"]):
            return failure(1602000, f"Variant not found, {body['shippingCustomerName']}")
        external_id = f"SD{len(self.orders) + 1:04}"
        self.orders[external_id] = {
            "orderId": str(2_000_000 + len(self.orders)),
            "cjOrderId": external_id,
            "cjOrderCode": external_id,
            "orderNum": body["orderNumber"],
            "orderStatus": "CREATED",
            "orderAmount": 15.8,
            "productAmount": 11.09,
            "postageAmount": 4.71,
            "trackNumber": None,
            "isSandbox": body["isSandbox"],
        }
        return success(
            {
                "orderId": external_id,
                "orderNumber": body["orderNumber"],
                "shipmentOrderId": None,
                "orderAmount": None,
                "productAmount": 11.09,
                "postageAmount": 4.71,
                "cjPayUrl": None,
                "orderStatus": "CREATED",
                "interceptOrderReasons": self.holds,
            }
        )

    def _dispute(self, step: str, query: Mapping[str, str], body: Any) -> Any:
        match step:
            case "disputeProducts":
                line = {"cjProductId": "2502", "price": 11.09, "quantity": 1, "supplierName": None}
                return success(
                    {
                        "orderId": query["orderId"],
                        "productInfoList": [
                            {**line, "lineItemId": "L1", "cjVariantId": "V1", "canChoose": True},
                            {**line, "lineItemId": "L2", "cjVariantId": "V2", "canChoose": False},
                        ],
                    }
                )
            case "disputeConfirmInfo":
                return success(
                    {
                        "maxAmount": 15.80,
                        "expectResultOptionList": ["1"],
                        "disputeReasonList": [
                            {"disputeReasonId": 7, "reasonName": "Products damaged"}
                        ],
                        "productInfoList": body["productInfoList"],
                    }
                )
            case "create":
                self.disputes.append(body)
                return success(True)
        listed = [
            {"id": 501 + n, "status": "Processing", "disputeReason": "Products damaged"}
            for n in range(len(self.disputes))
        ]
        return success({"pageNum": 1, "pageSize": 50, "total": len(listed), "list": listed})


@dataclass
class CjRig:
    """A gateway to a `CjService`."""

    web: WebServer
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: tuple[str, ...] = (API_KEY, ACCESS, REFRESH)
    limiter: FreeLimiter = field(default_factory=FreeLimiter)
    login: FakeLogin = field(default_factory=lambda: FakeLogin(dict(SECRETS)))
    service: CjService = field(init=False)
    gateway: CjGateway = field(init=False)
    config: CjConfig = field(init=False)

    def __post_init__(self) -> None:
        self.service = CjService(ACCESS)
        self.web.api = self.service
        self.config = CjConfig.of({**self.settings, "base_url": self.web.url("")})
        self.gateway = CjGateway(self.config, self.login, connections(self.limiter))

    def product(self, *variants: dict[str, Any], **changes: Any) -> str:
        pid = str(2502 + len(self.service.products))
        self.service.products[pid] = {
            "pid": pid,
            "productNameEn": "Tea bowl",
            "productSku": f"CJYD{pid}",
            "productImage": '["https://files.example/a.jpg", "https://files.example/b.jpg"]',
            "productKeyEn": "Color-Size",
            "sellPrice": "11.09 -- 17.07",
            "status": "3",
            "variants": list(variants) or [variant(f"{pid}900")],
            **changes,
        }
        return pid

    def withdrawn_product(self) -> str:
        return self.product(status="2")

    def unknown_product(self) -> str:
        return "9999999"

    def unknown_order(self) -> str:
        return "SD9999"

    def suffer(self, fault: Fault) -> None:
        self.service.faults.append(fault)

    def orders(self) -> int:
        return len(self.service.orders)

    def charges(self, external_id: str) -> int:
        return self.service.paid.count(external_id)

    def ship(self, external_id: str) -> None:
        self.service.ship(external_id)

    def requests(self) -> int:
        return len(self.web.asked)

    def webhook(self) -> tuple[Mapping[str, str], bytes] | None:
        return signed({"messageId": "m-1", "type": "ORDER", "params": {"orderNumber": "zy-1"}})

    def asked(self, interface: str) -> list[Asked]:
        """The requests to one interface."""
        return [each for each in self.web.asked if each.path.partition("?")[0] == f"/{interface}"]


def signed(message: Any, open_id: str = OPEN_ID) -> tuple[Mapping[str, str], bytes]:
    body = json.dumps(message).encode()
    return {"Sign": b64encode(new(open_id.encode(), body, sha256).digest()).decode()}, body


@contextmanager
def cj_rig(**settings: Any) -> Iterator[CjRig]:
    with web_server() as web:
        rig = CjRig(web, **settings)
        yield rig
        rig.gateway.close()
