"""An AliExpress of a test's own, as the documents and the projects that called it describe it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.suppliers.aliexpress import AliExpressConfig, AliExpressGateway
from zyenta_ops.adapters.suppliers.calls import CallPolicy
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import (
    LOCAL,
    QUICK,
    FakeLogin,
    FreeLimiter,
    connections,
)
from zyenta_ops_tests.adapters.suppliers.service import PAGE, json_answer
from zyenta_ops_tests.adapters.web_server import Asked, Respond, WebServer, hang_up, web_server
from zyenta_ops_tests.conftest import FixedClock
from zyenta_ops_tests.contracts.supplier_gateway import Fault

APP_KEY = "12345678"
APP_SECRET = "my_app_s3cret_123"
TOKEN = "session-s3cret"
REFRESH = "refresh-s3cret"
PLACE = "aliexpress.ds.order.create"
ONCE = {Fault.TOO_OFTEN, Fault.LOST_REPLY, Fault.NOT_DONE}


def sku(sku_id: str = "12000044382493157", **changes: Any) -> dict[str, Any]:
    return {
        "sku_id": sku_id,
        "id": "14:350853#Black  Gold;5:361386",
        "sku_attr": "14:350853#Black  Gold;5:361386",
        "sku_code": "BG-M",
        "sku_price": "175.01",
        "offer_sale_price": "17.50",
        "currency_code": "USD",
        "sku_available_stock": "57",
        "price_include_tax": "true",
        "ae_sku_property_dtos": {
            "ae_sku_property_d_t_o": [
                {
                    "sku_property_id": 14,
                    "sku_property_name": "Color",
                    "property_value_definition_name": "Black  Gold",
                    "sku_property_value": "Black",
                    "sku_image": "https://ae.example/black.jpg",
                },
                {"sku_property_id": 5, "sku_property_name": "Size", "sku_property_value": "M"},
            ]
        },
        **changes,
    }


def product(*skus: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "ae_item_base_info_dto": {
            "product_id": 1005001234567890,
            "subject": "Fox  lamp",
            "currency_code": "CNY",
            "product_status_type": "onSelling",
        },
        "ae_item_sku_info_dtos": {"ae_item_sku_info_d_t_o": list(skus or (sku(),))},
        "ae_multimedia_info_dto": {
            "image_urls": "https://ae.example/1.jpg;https://ae.example/2.jpg",
            "ae_video_dtos": {"ae_video_d_t_o": [{"media_url": "https://ae.example/1.mp4"}]},
        },
        "package_info_dto": {"gross_weight": "0.245"},
        **changes,
    }


def option(code: str = "CAINIAO_STANDARD", **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "company": "AliExpress standard shipping",
        "shipping_fee_cent": "3.20",
        "shipping_fee_currency": "USD",
        "shipping_fee_format": "US $3.20",
        "free_shipping": False,
        "tracking": True,
        "ship_from_country": "CN",
        "min_delivery_days": 7,
        "max_delivery_days": "15",
        **changes,
    }


def error_response(code: Any, sub_code: str = "", **more: Any) -> dict[str, Any]:
    said = {"code": code, "msg": "Remote service error", "request_id": "req-1", **more}
    return {"error_response": {**said, "sub_code": sub_code} if sub_code else said}


def platform_error(code: str, message: str = "", kind: str = "ISV") -> dict[str, Any]:
    return {"code": code, "type": kind, "message": message, "request_id": "req-1"}


@dataclass
class AliExpressService:
    """Products, freight, orders, tracking and tokens; checks every signature by itself."""

    token: str = TOKEN
    refresh_token: str = REFRESH
    faults: list[Fault] = field(default_factory=list)
    # What a method answers instead, by its name: a document, or something that makes one.
    instead: dict[str, Any] = field(default_factory=dict)
    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    options: list[dict[str, Any]] = field(
        default_factory=lambda: [option("EMS", shipping_fee_cent="21.00"), option()]
    )
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    parcels: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # method, parameters

    def said(self, method: str) -> list[dict[str, str]]:
        """The parameters of every call of a method."""
        return [params for name, params in self.asked if name == method]

    def __call__(self, asked: Asked) -> Respond:
        assert asked.method == "POST"
        assert "?" not in asked.path
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        params = dict(parse_qsl(asked.body.decode(), strict_parsing=True))
        method = asked.path.removeprefix("/rest") if "/rest/" in asked.path else params["method"]
        self.asked.append((method, params))
        writes = method == PLACE
        fault = next((each for each in self.faults if self._strikes(each, writes)), None)
        if fault in ONCE:
            self.faults.remove(fault)
        if fault is Fault.WEB_PAGE:
            return PAGE
        if fault is Fault.NOT_DONE:
            return hang_up
        if fault is Fault.TOO_OFTEN:
            return json_answer(200, platform_error("ApiCallLimit", "Too many, for 0 more seconds"))
        if fault is Fault.TOO_OFTEN_FOR_LONG:
            banned = "The request is limited, this ban will last 3600 more seconds"
            return json_answer(200, error_response(7, msg=banned))
        document = self._answer(asked.path, method, params, fault is Fault.LOGIN_ENDED)
        return hang_up if fault is Fault.LOST_REPLY else json_answer(200, document)

    @staticmethod
    def _strikes(fault: Fault, writes: bool) -> bool:
        return writes or fault not in {Fault.LOST_REPLY, Fault.NOT_DONE}

    def _answer(self, path: str, method: str, params: dict[str, str], ended: bool) -> Any:
        if not self._is_signed(path, params):
            return platform_error("IncompleteSignature")
        if params["app_key"] != APP_KEY:
            return platform_error("InvalidAppKey")
        if method in self.instead:
            instead = self.instead[method]
            return instead(params) if callable(instead) else instead
        if method.startswith("/"):
            return self._tokens(params, ended)
        if ended or params["session"] != self.token:
            return platform_error("IllegalAccessToken", "The specified access token is invalid")
        act: Callable[[dict[str, str]], Any] = {
            "aliexpress.ds.product.get": self._product,
            "aliexpress.ds.freight.query": self._freight,
            "aliexpress.ds.address.get": self._provinces,
            PLACE: self._place,
            "aliexpress.trade.ds.order.get": self._order,
            "aliexpress.ds.order.tracking.get": self._tracking,
        }[method]
        return act(params)

    def _is_signed(self, path: str, params: dict[str, str]) -> bool:
        """HMAC-SHA256 as the documents describe it; the path comes first on /rest."""
        said = "".join(key + params[key] for key in sorted(params) if key != "sign")
        message = (path.removeprefix("/rest") if path.startswith("/rest") else "") + said
        digest = hmac.new(APP_SECRET.encode(), message.encode(), hashlib.sha256).hexdigest()
        return params["sign"] == digest.upper()

    def _tokens(self, params: dict[str, str], ended: bool) -> Any:
        if ended or params.get("refresh_token", self.refresh_token) != self.refresh_token:
            return platform_error("IllegalRefreshToken", kind="")
        if params.get("code", "good") == "used":
            return platform_error("InvalidCode")
        self.token = f"{TOKEN}-{len(self.asked)}"
        return {
            "access_token": self.token,
            "refresh_token": self.refresh_token,
            "expires_in": 86_400,
            "refresh_expires_in": "172800",
            "user_nick": "fox_shop",
            "account": "buyer@example.com",
            "code": "0",
        }

    def _product(self, params: dict[str, str]) -> Any:
        found = self.products.get(params["product_id"])
        if found is None:
            return wrapped("product_get", rsp_code=605, rsp_msg="ITEM_ID_NOT_FOUND")
        return wrapped("product_get", found, rsp_code="200", rsp_msg="Call succeeds")

    def _freight(self, params: dict[str, str]) -> Any:
        result = {"success": True, "code": 200, "msg": "Call succeeds"}
        result["delivery_options"] = {"delivery_option_d_t_o": self.options}
        return wrapped("freight_query", result)

    def _provinces(self, params: dict[str, str]) -> Any:
        cities = [{"name": "Springfield", "type": "CITY", "hasChildren": False}]
        children = [{"name": "Oregon", "type": "PROVINCE", "children": cities}]
        data = {"country": params["countryCode"], "type": "country"}
        return wrapped(
            "address_get", {"ret": "true", "data": {**data, "children": json.dumps(children)}}
        )

    def _place(self, params: dict[str, str]) -> Any:
        order = json.loads(params["param_place_order_request4_open_api_d_t_o"])
        reference = order["out_order_id"]
        if any(str(each["product_id"]) not in self.products for each in order["product_items"]):
            return order_refused("SKU_NOT_EXIST")
        if reference in self.references:
            return order_refused("REPEATED_ORDER_ERROR")
        number = str(8190439416163000 + len(self.orders))
        self.references[reference] = number
        self.orders[number] = {
            "order_status": "PLACE_ORDER_SUCCESS",
            "logistics_status": "NO_LOGISTICS",
            "gmt_create": "2026-11-02 04:00:00",
            "pay_timeout_second": "1036800",
            "order_amount": {"amount": "20.70", "currency_code": "USD"},
            "child_order_list": {"aeop_child_order_info": [{"product_count": 1}]},
        }
        return wrapped(
            "order_create", {"is_success": True, "order_list": {"number": [int(number)]}}
        )

    def _order(self, params: dict[str, str]) -> Any:
        number = json.loads(params["single_order_query"])["order_id"]
        if number not in self.orders:
            return error_response("15", "isv.insufficient-permission", type="ISP")
        return {"aliexpress_trade_ds_order_get_response": {"result": self.orders[number]}}

    def _tracking(self, params: dict[str, str]) -> Any:
        lines = self.parcels.get(params["ae_order_id"])
        if not lines:
            result = {"ret": False, "code": "1001", "msg": "TRACKING DATA NOT FOUND"}
            return wrapped("order_tracking_get", result)
        data = {"tracking_detail_line_list": {"tracking_detail": lines}}
        return wrapped("order_tracking_get", {"ret": True, "code": "200", "data": data})


def wrapped(method: str, result: Any = None, **body: Any) -> dict[str, Any]:
    inside = body if result is None else {**body, "result": result}
    return {f"aliexpress_ds_{method}_response": {**inside, "request_id": "req-1"}}


def order_refused(code: str, **more: Any) -> dict[str, Any]:
    return wrapped("order_create", {"is_success": "false", "error_code": code, **more})


@dataclass
class AliExpressRig:
    """The gateway and the AliExpress behind it; satisfies `contracts.supplier_gateway.Rig`."""

    web: WebServer
    service: AliExpressService
    config: AliExpressConfig
    login: FakeLogin
    limiter: FreeLimiter
    clock: FixedClock
    gateway: AliExpressGateway
    secrets: tuple[str, ...] = (APP_SECRET, TOKEN, REFRESH)

    def product(self) -> str:
        ref = str(1005001234567890 + len(self.service.products))
        self.service.products[ref] = product()
        return ref

    def withdrawn_product(self) -> str:
        ref = self.product()
        base = self.service.products[ref]["ae_item_base_info_dto"]
        base.update(product_status_type="offline", ws_display="user_offline")
        return ref

    def unknown_product(self) -> str:
        return "1005009999999999"

    def unknown_order(self) -> str:
        return "8190439999999999"

    def suffer(self, fault: Fault) -> None:
        self.service.faults.append(fault)

    def orders(self) -> int:
        return len(self.service.orders)

    def charges(self, external_id: str) -> int:
        return 0

    def ship(self, external_id: str) -> None:
        self.service.orders[external_id]["order_status"] = "WAIT_BUYER_ACCEPT_GOODS"
        nodes = [
            {"time_stamp": "1762084800000", "tracking_name": "In transit"},
            {"time_stamp": 1761998400000, "tracking_name": "Accepted by carrier"},
        ]
        line = {"mail_no": "LP00675700340000", "carrier_name": "Cainiao"}
        self.service.parcels[external_id] = [{**line, "detail_node_list": {"detail_node": nodes}}]

    def requests(self) -> int:
        return len(self.web.asked)

    def webhook(self) -> tuple[Mapping[str, str], bytes] | None:
        push = {
            "data": {"buyerId": 1861703697, "orderId": 1105933950463697},
            "message_type": 53,
            "timestamp": 1719389200,
        }
        body = json.dumps(push).encode()
        signed = hmac.new(APP_SECRET.encode(), APP_KEY.encode() + body, hashlib.sha256)
        return {"Authorization": signed.hexdigest()}, body


@contextmanager
def aliexpress_rig(
    settings: Mapping[str, Any] | None = None,
    http: HttpPolicy = LOCAL,
    calls: CallPolicy = QUICK,
    workers: int = 4,
) -> Iterator[AliExpressRig]:
    with web_server() as web:
        service = AliExpressService()
        web.api = service
        config = AliExpressConfig.of({"base_url": web.url(""), **(settings or {})})
        secrets = {"app_key": APP_KEY, "app_secret": APP_SECRET}
        login = FakeLogin({**secrets, "access_token": TOKEN, "refresh_token": REFRESH})
        limiter, clock = FreeLimiter(), FixedClock()
        gateway = AliExpressGateway(
            config, login, connections(limiter, clock, http, calls, workers)
        )
        try:
            yield AliExpressRig(web, service, config, login, limiter, clock, gateway)
        finally:
            gateway.close()
