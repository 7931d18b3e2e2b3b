"""Which network addresses untrusted names may lead to. Pure judgement: nothing is resolved here."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from zyenta_ops.domain.errors import Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_ISATAP: Final = (0x00005EFE, 0x02005EFE)  # RFC 5214: interface identifiers carrying IPv4


class AddressRefused(Exception):
    """A name resolves only to addresses that may not be reached."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} is not on the public internet")
        self.host = host


@dataclass(frozen=True)
class HttpPolicy:
    """How outgoing requests behave.

    `allow_private` lists networks ("10.1.0.0/16") and host names that may be reached although
    they are not on the public internet. A host name stands for whatever private address it
    resolves to, except link-local ones (169.254.169.254 hands out cloud credentials): those need
    their network named.

    Raises:
        Refused: an entry of `allow_private` is neither a network nor a host name.
    """

    allow_private: tuple[str, ...] = ()
    max_redirects: int = 3
    connect_seconds: float = 10
    read_seconds: float = 30
    attempts: int = 3
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 30

    def __post_init__(self) -> None:
        self._networks_and_hosts  # noqa: B018 -- refuse a bad entry now, not at the first request

    def permits(self, host: str, address: Address) -> bool:
        """Whether a connection to `address`, found under the name `host`, may be made."""
        networks, hosts = self._networks_and_hosts
        if is_public(address) or any(address in network for network in networks):
            return True
        return host.lower().rstrip(".") in hosts and not address.is_link_local

    @cached_property
    def _networks_and_hosts(self) -> tuple[tuple[Network, ...], frozenset[str]]:
        networks: list[Network] = []
        hosts: set[str] = set()
        for entry in self.allow_private:
            try:
                networks.append(ipaddress.ip_network(entry))
            except ValueError:
                name = entry.lower().rstrip(".")
                if not name.replace("-", "").replace(".", "").isalnum() or name[-1].isdigit():
                    raise Refused(
                        f"'{entry}' is neither a network such as 10.1.0.0/16 nor a host name"
                    ) from None
                hosts.add(name)
        return tuple(networks), frozenset(hosts)


def is_public(address: Address) -> bool:
    """Whether an address, and every IPv4 address carried inside it, is on the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        if carried := _carried(address):
            return all(is_public(inner) for inner in carried)
        if address.is_site_local or address.is_reserved:
            return False
    return address.is_global and not address.is_multicast and not address.is_unspecified


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself, told without resolving it."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _carried(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses inside a transition address: the packet ends up there."""
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    if address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()
