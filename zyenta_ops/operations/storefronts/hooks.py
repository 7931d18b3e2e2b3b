"""Where stores' own systems are told of orders: set, shown, tried out, turned off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.errors import DeliveryError, NotFound, Refused
from zyenta_ops.domain.notifications import Channel, OutboundMessage
from zyenta_ops.domain.payments import Issue
from zyenta_ops.domain.storefront_hooks import (
    StorefrontHook,
    hook_address,
    read_address,
    secrets_after,
)
from zyenta_ops.domain.storefronts import EventType
from zyenta_ops.operations.lookup import find_store
from zyenta_ops.ports import Clock, Database, NewId, Repositories, Transport, Vault
from zyenta_ops.ports.storefronts import SealedHook

# Says, in the caller's transaction, which issues of a store there are about a scope.
Issues = Callable[[Repositories, str, str, Sequence[Issue], datetime], None]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A hook after it was set, with the only sight there is of a new secret; "" = none is new."""

    hook: StorefrontHook
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class StorefrontHooks:
    """Stores' hooks.

    A `ref` is a store's id or subdomain; every method with one may raise `NotFound`.

    Attributes:
        new_secret: `whsec_` and Base64 of at least 24 random bytes.
        issues: tells the store of what is wrong with its hook.
    """

    database: Database
    clock: Clock
    new_id: NewId
    new_secret: Callable[[], str]
    vault: Vault
    issues: Issues

    def set(
        self,
        ref: str,
        url: str | None = None,
        read_url: str | None = None,
        *,
        rotate: bool = False,
        drop_old: bool = False,
    ) -> Chosen:
        """Set where a store's system is told, and turn that on.

        Args:
            ref: which store.
            url: where events are posted; None = where they are now.
            read_url: where it says what it shows, with `{number}` for the order's; "" = nowhere,
                None = where it does now.
            rotate: sign with a new secret, too.
            drop_old: sign with the newest secret alone from now on.

        Raises:
            Refused: an address cannot be used, there is none yet, or there are too many secrets;
                nothing was changed.
        """
        now = self.clock()
        with self.database.write() as records:
            store = find_store(records, ref)
            known = records.storefronts.hook(store.id)
            before = None if known is None else self._opened(known)
            if before is None and url is None:
                raise Refused(
                    f"the store '{store.subdomain}' has no webhook yet; say where it is to be"
                    " posted"
                )
            secret = self.new_secret() if before is None or rotate else ""
            hook = StorefrontHook(
                store_id=store.id,
                url=before.url if url is None and before else hook_address(url or ""),
                secrets=secrets_after(before.secrets if before else (), secret, drop_old=drop_old),
                read_url=_kept(before) if read_url is None else read_address(read_url),
            )
            self._save(records, hook, known.created_at if known else now, now)
            records.storefronts.check_all(store.id, now)
            self.issues(records, store.id, _scope(store.id), [], now)
        return Chosen(hook, secret)

    def show(self, ref: str) -> StorefrontHook:
        """A store's hook.

        Raises:
            NotFound: it has none.
            Refused: the keyring does not open it.
        """
        with self.database.read() as records:
            store = find_store(records, ref)
            return self._opened(_existing(records.storefronts.hook(store.id), store.subdomain))

    def turn_off(self, ref: str, reason: str = "turned off by a person") -> StorefrontHook:
        """Tell a store's system nothing more; what waits is not sent.

        Raises:
            NotFound: it has none.
        """
        with self.database.write() as records:
            store = find_store(records, ref)
            return self._turn_off(records, store.id, store.subdomain, reason)

    def on_gone(
        self, records: Repositories, message: OutboundMessage, reason: str, now: datetime
    ) -> None:
        """A store's system answered that it wants no more: believe it, and tell the store."""
        if message.channel is not Channel.STOREFRONT:
            return
        self._turn_off(records, message.recipient, message.recipient, reason)
        issue = Issue(
            "gone",
            Severity.HIGH,
            "Your system is told of no more orders",
            f"{reason}. Set its address anew once it listens again:"
            " `zyenta-ops store webhook set`.",
        )
        self.issues(records, message.recipient, _scope(message.recipient), [issue], now)

    def test(self, ref: str, transport: Transport) -> None:
        """Send a test event and wait for the answer; nothing is kept of it.

        Raises:
            NotFound: the store has no hook.
            Refused: the hook is off, or the event was not taken; the text says why.
        """
        now = self.clock()
        hook = self.show(ref)
        if hook.off_since is not None:
            raise Refused(f"the webhook is off ({hook.off_reason}); set it anew to turn it on")
        payload = {"type": EventType.TEST.value, "timestamp": now.isoformat(), "data": {}}
        message = OutboundMessage(
            id=self.new_id(),
            channel=Channel.STOREFRONT,
            recipient=hook.store_id,
            template=EventType.TEST.value,
            context=payload,
            created_at=now,
            attempts=1,
        )
        try:
            with transport.open() as send:
                send(message)
        except DeliveryError as error:
            raise Refused(f"the test event was not taken: {error}") from None

    def in_force(self, store_id: str) -> StorefrontHook | None:
        """The hook that events are sent to; None = the store's system listens no more.

        Raises:
            Refused: the keyring does not open it.
        """
        with self.database.read() as records:
            known = records.storefronts.hook(store_id)
        return None if known is None or known.off_since else self._opened(known)

    def reseal(self) -> int:
        """Seal again what is not under the keyring's active key; how many were.

        Raises:
            Refused: one of them does not open; none was changed.
        """
        now = self.clock()
        with self.database.write() as records:
            old = [
                each
                for each in records.storefronts.hooks()
                if not self.vault.is_current(each.sealed, row=_row(each.store_id))
            ]
            for each in old:
                self._save(records, self._opened(each), each.created_at, now)
        return len(old)

    def _turn_off(
        self, records: Repositories, store_id: str, called: str, reason: str
    ) -> StorefrontHook:
        known = _existing(records.storefronts.hook(store_id), called)
        now = self.clock()
        off = replace(known, off_since=known.off_since or now, off_reason=reason)
        records.storefronts.save_hook(off, now)
        return self._opened(off)

    def _save(
        self, records: Repositories, hook: StorefrontHook, created_at: datetime, now: datetime
    ) -> None:
        sealed = self.vault.seal(
            {"url": hook.url, "read_url": hook.read_url, "secrets": list(hook.secrets)},
            row=_row(hook.store_id),
        )
        records.storefronts.save_hook(
            SealedHook(
                hook.store_id,
                sealed,
                bool(hook.read_url),
                created_at,
                hook.off_since,
                hook.off_reason,
            ),
            now,
        )

    def _opened(self, known: SealedHook) -> StorefrontHook:
        document = self.vault.open(known.sealed, row=_row(known.store_id)).document()
        return StorefrontHook(
            store_id=known.store_id,
            url=document["url"],
            secrets=tuple(document["secrets"]),
            read_url=document["read_url"],
            off_since=known.off_since,
            off_reason=known.off_reason,
        )


def _kept(before: StorefrontHook | None) -> str:
    return before.read_url if before else ""


def _existing(known: SealedHook | None, store: str) -> SealedHook:
    if known is None:
        raise NotFound(
            f"the store '{store}' has no webhook; set one with `zyenta-ops store webhook set`"
        )
    return known


def _scope(store_id: str) -> str:
    return f"storefront-hook:{store_id}"


def _row(store_id: str) -> str:
    return f"storefront_hook|sealed|{store_id}"
