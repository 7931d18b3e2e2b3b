"""How the modules of Stripe's API say what they answer for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from zyenta_ops.sandbox.stripe.ledger import Document, Ledger
from zyenta_ops.sandbox.stripe.lists import LISTED, having, listed
from zyenta_ops.sandbox.stripe.params import Params


@dataclass(frozen=True)
class Endpoint:
    """Who answers, and what parameters there are besides `expand`."""

    run: Callable[..., Document]
    accepted: frozenset[str]


Endpoints = Mapping[tuple[str, str], Endpoint]


def takes(run: Callable[..., Document], accepted: str = "") -> Endpoint:
    """An endpoint and its parameters, which are separated by blanks."""
    return Endpoint(run, frozenset(accepted.split()))


def retrieving(kind: str, param: str = "id") -> Endpoint:
    """GET of one object."""

    def retrieve(ledger: Ledger, asked: Params, name: str) -> Document:
        return ledger.get(kind, name, param)

    return takes(retrieve)


def listing(kind: str, path: str, filters: str = "") -> Endpoint:
    """GET of a list, filtered by fields of the same names."""

    def index(ledger: Ledger, asked: Params) -> Document:
        return listed(path, ledger.all(kind), asked, kind, having(asked, *filters.split()))

    return takes(index, f"{LISTED} {filters}")
