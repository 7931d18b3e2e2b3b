"""How what goes wrong with orders becomes alerts."""

from __future__ import annotations

from functools import partial

from zyenta_ops.domain.alerts import AlertType
from zyenta_ops.operations.alerts import Alerts
from zyenta_ops.operations.fulfillment.dossier import Issues


def order_issues(alerts: Alerts) -> Issues:
    """Opens and closes alerts about orders that do not go on by themselves."""
    return partial(alerts.settle_issues, kind=AlertType.ORDER_ISSUE)
