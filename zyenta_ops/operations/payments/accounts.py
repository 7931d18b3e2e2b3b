"""Through which account a store's customers pay."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.operations.lookup import find_store
from zyenta_ops.ports import Clock, Database
from zyenta_ops.ports.payments import ChargeModel, PaymentAccount, PaymentProvider

_ACCOUNT: Final = re.compile(r"acct_[A-Za-z0-9]{1,60}")


@dataclass(frozen=True)
class PaymentAccounts:
    """Payment accounts of stores. A store's `ref` is its id or subdomain.

    Attributes:
        provider: None = none is configured, and accounts are not looked at.
    """

    database: Database
    provider: PaymentProvider | None
    clock: Clock

    def show(self, ref: str) -> PaymentAccount:
        """Through which account a store is paid.

        Raises:
            NotFound: there is no such store; so for every method with a `ref`.
        """
        with self.database.read() as records:
            return records.payments.account_of(find_store(records, ref).id)

    def choose(self, ref: str, model: ChargeModel, external_id: str = "") -> PaymentAccount:
        """Say through which account a store is paid from now on.

        Payments that were made before are refunded where they were made.

        Raises:
            Refused: the model and the account do not fit together, or the account gives us no
                access.
            PaymentError: the account cannot be read; nothing was changed.
        """
        if (model is ChargeModel.PLATFORM) is bool(external_id):
            raise Refused(
                "payments on the platform's own account take no connected account"
                if external_id
                else f"the model {model.lower()} needs the store's connected account, acct_…"
            )
        if external_id and not _ACCOUNT.fullmatch(external_id):
            raise Refused("a connected account is named acct_… and letters and digits")
        state = None
        if external_id and self.provider is not None:
            state = self.provider.account_state(external_id)
            if not state.authorized:
                raise Refused(
                    f"{external_id} gives the platform no access; connect it at Stripe first"
                )
        now = self.clock()
        with self.database.write() as records:
            store = find_store(records, ref)
            records.payments.set_account(PaymentAccount(store.id, external_id, model), now)
            if state is not None:
                records.payments.note_account_state(state, now)
            return records.payments.account_of(store.id)
