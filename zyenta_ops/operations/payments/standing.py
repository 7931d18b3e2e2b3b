"""How connected accounts stand, and that their stores are told while no payment can be taken."""

from __future__ import annotations

from datetime import datetime

from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.payments import Issue
from zyenta_ops.operations.payments.deriving import Issues
from zyenta_ops.ports import Repositories
from zyenta_ops.ports.payments import AccountState


def note_account(
    records: Repositories, tell: Issues, state: AccountState, now: datetime
) -> str | None:
    """Keep how an account stands and tell its stores; what it came to, None = nobody's account."""
    ours = records.payments.note_account_state(state, now)
    issues = []
    if not state.authorized:
        issues.append(_issue("the store's Stripe account took our access away"))
    elif not state.charges_enabled:
        issues.append(_issue("Stripe lets the store's account take no payments"))
    for account in ours:
        scope = f"account:{state.external_id}:{account.store_id}"
        tell(records, account.store_id, scope, issues, now)
    return f"account of {len(ours)} stores" if ours else None


def _issue(message: str) -> Issue:
    return Issue("account", Severity.CRITICAL, "Payments cannot be taken", message)
