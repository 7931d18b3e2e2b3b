"""CJ's interfaces, called with one account within what it may ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from zyenta_ops.adapters.suppliers.calls import Answer, Ask
from zyenta_ops.adapters.suppliers.cj import authentication
from zyenta_ops.adapters.suppliers.cj.config import CjConfig, user_of
from zyenta_ops.adapters.suppliers.cj.wire import Query, order_data, request
from zyenta_ops.adapters.suppliers.connections import Connections
from zyenta_ops.ports.gateway import Allowance, Login, Secrets, Tokens

Result = TypeVar("Result")


class Api:
    """The calls of one account; its tokens are renewed when CJ no longer takes them."""

    def __init__(self, config: CjConfig, login: Login, connections: Connections) -> None:
        self.config = config
        self.login = login
        self._calls = connections.calls(login, self._renewed)

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def log_in(self) -> Tokens:
        """Tokens for the API key of the login, which need not have any yet."""
        return authentication.log_in(self._calls, self.config, self.login.tokens().secrets)

    def renew(self) -> None:
        """Renew the tokens, whether or not they still serve."""
        self._calls.renew()

    def read(
        self,
        interface: str,
        understand: Callable[[Answer], Result],
        query: Query = (),
        *,
        body: Mapping[str, Any] | None = None,
        urgent: bool = False,
    ) -> Result:
        """Ask for something that changes nothing; with a body it is posted."""
        method = "GET" if body is None else "POST"
        return self._calls.read(self._ask(method, interface, understand, query, body, urgent))

    def write(
        self,
        method: str,
        interface: str,
        understand: Callable[[Answer], Result],
        query: Query = (),
        *,
        body: Mapping[str, Any] | None = None,
    ) -> Result:
        """Ask for a change."""
        return self._calls.write(self._ask(method, interface, understand, query, body, True))

    def order_step(self, method: str, interface: str, external_id: str) -> None:
        """A change that names an order and answers nothing of interest."""
        self.write(method, interface, order_data, body={"orderId": external_id})

    def _renewed(self, secrets: Secrets) -> Tokens:
        return authentication.renewed(self._calls, self.config, secrets)

    def _ask(
        self,
        method: str,
        interface: str,
        understand: Callable[[Answer], Result],
        query: Query,
        body: Mapping[str, Any] | None,
        urgent: bool,
    ) -> Ask[Result]:
        def prepare(secrets: Secrets) -> Any:
            return request(self.config, secrets, method, interface, query, body)

        return Ask(prepare, understand, self.allowances(interface), urgent=urgent)

    def allowances(self, interface: str) -> tuple[Allowance, Allowance, Allowance]:
        """What a call of an interface counts against."""
        return self.config.allowances(self._user, interface)

    @cached_property
    def _user(self) -> str:
        return user_of(self.login.tokens().secrets)
