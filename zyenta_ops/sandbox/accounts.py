"""What a person gives to connect the sandbox's well-known accounts, by vendor.

They open nothing else. Each vendor's module takes further accounts.
"""

from __future__ import annotations

from typing import Final

from zyenta_ops.sandbox import spocket
from zyenta_ops.sandbox.aliexpress.apps import DEMO_APP_KEY, DEMO_APP_SECRET, DEMO_CODE
from zyenta_ops.sandbox.cj.accounts import DEMO_API_KEY
from zyenta_ops.sandbox.printful import gateway as printful
from zyenta_ops.sandbox.stripe import gateway as stripe
from zyenta_ops.sandbox.trackers import aftership, seventeentrack, ship24

DEMO_SECRETS: Final[dict[str, dict[str, str]]] = {
    "aliexpress": {"app_key": DEMO_APP_KEY, "app_secret": DEMO_APP_SECRET, "code": DEMO_CODE},
    "cj": {"api_key": DEMO_API_KEY},
    "printful": {"token": printful.DEMO_TOKEN},
    "spocket": {"token": spocket.DEMO_TOKEN},
    "stripe": {"api_key": stripe.DEMO_KEY},
    "17track": {"key": seventeentrack.DEMO_KEY},
    "aftership": {"key": aftership.DEMO_KEY},
    "ship24": {"key": ship24.DEMO_KEY},
}
