"""What asking about accounts, and looking after them, came to."""

from __future__ import annotations

from dataclasses import dataclass

from zyenta_ops.domain.accounts import SupplierAccount


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """What asking a supplier about our account came to; `problem` is None when all is well."""

    account: SupplierAccount
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Care:
    """What looking after an account came to; `problem` is None when all is well."""

    account: SupplierAccount
    done: str
    problem: str | None = None
