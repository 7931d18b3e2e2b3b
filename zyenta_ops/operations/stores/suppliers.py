"""Adding suppliers and our logins at them. Their catalogues are swept in `catalog`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from zyenta_ops.domain.credentials import Credentials
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.names import country_code, currency_code, display_name, supplier_key
from zyenta_ops.domain.stores import Document, Supplier, SupplierKind, SupplierStatus
from zyenta_ops.operations.lookup import find_supplier
from zyenta_ops.ports import Clock, Database, NewId, Repositories, Vault

_LOGIN_IN_ADDRESS: Final = re.compile(r"://[^/?#\s]*@")


@dataclass(frozen=True)
class Suppliers:
    """Suppliers by their key, with credentials sealed before they are stored.

    Attributes:
        vault: seals credentials and opens them.
        validate_config: by kind of supplier, returns its configuration in full as JSON, or raises
            `Refused`.
    """

    database: Database
    clock: Clock
    new_id: NewId
    vault: Vault
    validate_config: Mapping[SupplierKind, Callable[[Document], Document]]

    def add(
        self,
        *,
        key: str,
        kind: SupplierKind,
        config: Document,
        country: str,
        currency: str,
        name: str | None = None,
        credentials: Mapping[str, Any] | None = None,
    ) -> Supplier:
        """Add a supplier whose offers hold for one market.

        Args:
            key: names the supplier, also as a partition of its assets.
            kind: which adapter reads it.
            config: what that adapter needs to know; no secrets.
            country: where its goods can be shipped to, ISO 3166.
            currency: of costs that state none, ISO 4217.
            name: for people; the key when None.
            credentials: in the form `Credentials.of` reads; None = none are asked for.

        Raises:
            Refused: something given is not usable, or the key is taken; nothing is added.
        """
        login = Credentials.of(credentials) if credentials is not None else None
        supplier = replace(
            self._new(key, kind, config, country, currency, name),
            has_credentials=login is not None,
        )
        with self.database.write() as records:
            if not records.suppliers.add(supplier):
                raise Refused(f"there is a supplier '{key}' already; choose a different key")
            if login:
                self._store_login(records, supplier.key, login)
        return supplier

    def draft(
        self,
        *,
        key: str,
        kind: SupplierKind,
        config: Document,
        country: str,
        currency: str,
        name: str | None = None,
    ) -> Supplier:
        """A supplier as it would be after adding it, or after changing the configuration given.

        Nothing is stored; `Accounts.connect` does that once the supplier has let us in.

        Raises:
            Refused: as `add`, or the key belongs to a supplier of another kind or market.
        """
        with self.database.read() as records:
            known = records.suppliers.find(key)
        if known is None:
            return self._new(key, kind, config, country, currency, name)
        if known.kind is not kind:
            raise Refused(
                f"'{key}' is a supplier of the kind {known.kind.lower()}; choose a different key"
            )
        if (country_code(country), currency_code(currency)) != (known.country, known.currency):
            raise Refused(
                f"'{key}' ships to {known.country} at costs in {known.currency}; another market is"
                " a supplier of its own, so choose a different key"
            )
        merged = _merged(known.config, config)
        _refuse_passwords(merged)
        return replace(known, config=self.validate_config[kind](merged))

    def list(self) -> tuple[Supplier, ...]:
        """All suppliers, in the order of their keys."""
        with self.database.read() as records:
            return records.suppliers.every()

    def show(self, key: str) -> Supplier:
        """One supplier, without its credentials.

        Raises:
            NotFound: no supplier has this key; so for every method with a `key`.
        """
        with self.database.read() as records:
            return find_supplier(records, key)

    def pause(self, key: str) -> Supplier:
        """Stop sweeping a supplier; what is known of it stays."""
        return self._set_status(key, SupplierStatus.PAUSED)

    def resume(self, key: str) -> Supplier:
        """Sweep a supplier again."""
        return self._set_status(key, SupplierStatus.ACTIVE)

    def configure(self, key: str, config: Document) -> Supplier:
        """Replace a supplier's configuration; its next sweep reads the source by it.

        Raises:
            Refused: the configuration is not usable; the old one stays.
        """
        return self._configure(key, lambda _: config)

    def reconfigure(self, key: str, changes: Document) -> Supplier:
        """Change some of a supplier's configuration and leave the rest as it is.

        Args:
            key: the supplier.
            changes: settings by name. A document among them is merged with the stored one, and
                None inside it takes an entry away.

        Raises:
            Refused: the outcome is not usable; the old configuration stays.
        """
        return self._configure(key, lambda stored: _merged(stored, changes))

    def credentials(self, key: str) -> Credentials | None:
        """Our login at a supplier, opened; None when it asks for none.

        Raises:
            Refused: the sealed credentials do not open.
        """
        with self.database.read() as records:
            find_supplier(records, key)
            stored = records.suppliers.credentials(key)
        if stored is None:
            return None
        row, sealed = stored
        return Credentials.of(self.vault.open(sealed, row=_row_name(row)).document())

    def set_credentials(self, key: str, credentials: Mapping[str, Any]) -> Supplier:
        """Replace our login at a supplier.

        Raises:
            Refused: the credentials are not usable; the old ones stay.
        """
        login = Credentials.of(credentials)
        with self.database.write() as records:
            find_supplier(records, key)
            self._store_login(records, key, login)
            return find_supplier(records, key)

    def _new(
        self,
        key: str,
        kind: SupplierKind,
        config: Document,
        country: str,
        currency: str,
        name: str | None,
    ) -> Supplier:
        _refuse_passwords(config)
        return Supplier(
            key=supplier_key(key),
            name=display_name(name or key, "supplier"),
            kind=kind,
            config=self.validate_config[kind](config),
            country=country_code(country),
            currency=currency_code(currency),
            created_at=self.clock(),
        )

    def _store_login(self, records: Repositories, key: str, login: Credentials) -> None:
        now = self.clock()
        row = records.suppliers.credentials_row(key, self.new_id(), now)
        sealed = self.vault.seal(login.document(), row=_row_name(row))
        records.suppliers.set_credentials(key, row, sealed, now)

    def _configure(self, key: str, decide: Callable[[Document], Document]) -> Supplier:
        with self.database.write() as records:
            supplier = find_supplier(records, key)
            config = decide(supplier.config)
            _refuse_passwords(config)
            usable = self.validate_config[supplier.kind](config)
            records.suppliers.set_config(key, usable, self.clock())
            return find_supplier(records, key)

    def _set_status(self, key: str, status: SupplierStatus) -> Supplier:
        with self.database.write() as records:
            find_supplier(records, key)
            records.suppliers.set_status(key, status, self.clock())
            return find_supplier(records, key)


def _row_name(row: str) -> str:
    """What the sealed credentials are bound to, see `zyenta_ops.ports.stores.Vault`."""
    return f"supplier_account|credentials|{row}"


def _merged(stored: Document, changes: Document) -> Document:
    """The stored configuration with changes, which reach one level into documents."""
    merged = dict(stored)
    for name, value in changes.items():
        before = stored.get(name)
        if isinstance(value, dict):
            both = (before if isinstance(before, dict) else {}) | value
            value = {entry: each for entry, each in both.items() if each is not None}
        merged[name] = value
    return merged


def _refuse_passwords(config: Document) -> None:
    """The configuration is stored and shown as it is, so no login may hide in an address."""
    for text in _texts(config):
        if _LOGIN_IN_ADDRESS.search(text):
            raise Refused(
                "an address in the configuration holds a user name or password;"
                " give them as credentials instead"
            )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
