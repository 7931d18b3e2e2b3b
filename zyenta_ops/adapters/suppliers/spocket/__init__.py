"""A partner's gateway to Spocket.

Spocket publishes no API for developers; what is found under `spocket.dev` belongs to an unrelated
company. Whoever has a partner that passes products and orders on to Spocket can let it speak the
contract below. Without a base address the supplier has no capability at all, and Spocket's
catalogue is best read as an export in a feed.

The contract, JSON over HTTPS with a Bearer token; amounts are decimal text beside an ISO 4217
code, times are ISO 8601 with an offset:

- `GET /products?ids=a,b&country=US&currency=USD[&cursor=…]` answers `{"products": [product],
  "next_cursor": null}`; products that are left out do not exist. `updated_since` is for whoever
  lists all of them.
- `POST /orders` with `Idempotency-Key`, our reference, answers with the order; the same key again
  answers with the same order.
- `GET /orders/{id}` answers with an order, `GET /orders?reference=…` with `{"orders": [order]}`.
- Errors are 401, 403, 404, 409 (the key was used for another order), 422 (refused; `code` is one
  of `RejectionReason` in lower case) and 429 with Retry-After, with `{"error": {"code": "…",
  "message": "…", "request_id": "…"}}`.

`products` and `orders` say what the fields of a product and of an order are.
"""

from zyenta_ops.adapters.suppliers.spocket.config import SpocketConfig
from zyenta_ops.adapters.suppliers.spocket.connector import SpocketConnector
from zyenta_ops.adapters.suppliers.spocket.gateway import SpocketGateway

__all__ = ["SpocketConfig", "SpocketConnector", "SpocketGateway"]
