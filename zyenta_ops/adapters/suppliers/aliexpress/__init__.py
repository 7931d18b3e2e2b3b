"""The AliExpress supplier: products, shipping, orders and tracking over the Open Platform (DS).

`wire` signs requests with `signing`; `envelopes` opens answers and says with `codes` what their
errors mean; `products`, `freight`, `addresses`, `placing`, `orders`, `tracking`, `pushes` and
`tokens` know one call each; `gateway` and `connector` join them.
"""

from zyenta_ops.adapters.suppliers.aliexpress.config import AliExpressConfig
from zyenta_ops.adapters.suppliers.aliexpress.connector import AliExpressConnector
from zyenta_ops.adapters.suppliers.aliexpress.gateway import AliExpressGateway

__all__ = ["AliExpressConfig", "AliExpressConnector", "AliExpressGateway"]
