from __future__ import annotations

import ipaddress

import pytest

from zyenta_ops.adapters.http import HttpPolicy, is_public
from zyenta_ops.domain.errors import Refused


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",  # carrier-grade NAT, RFC 6598
        "0.0.0.0",
        "192.0.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::10.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",  # Teredo of client 10.0.0.1
        "2606:4700::5efe:10.0.0.1",  # ISATAP
    ],
)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::1", "::ffff:8.8.8.8"],
)
def test_an_address_on_the_internet_is_public_however_it_is_carried(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_nothing_private_is_permitted_by_default() -> None:
    assert not HttpPolicy().permits("localhost", ipaddress.ip_address("127.0.0.1"))
    assert HttpPolicy().permits("example.com", ipaddress.ip_address("93.184.216.34"))


def test_a_named_network_is_permitted_and_its_neighbour_is_not() -> None:
    policy = HttpPolicy(allow_private=("10.1.0.0/16",))
    assert policy.permits("any", ipaddress.ip_address("10.1.2.3"))
    assert not policy.permits("any", ipaddress.ip_address("10.2.0.1"))
    assert not policy.permits("any", ipaddress.ip_address("::1"))


def test_a_named_host_may_be_private_but_never_link_local() -> None:
    policy = HttpPolicy(allow_private=("Feeds.Internal",))
    assert policy.permits("feeds.internal.", ipaddress.ip_address("192.168.0.7"))
    assert not policy.permits("feeds.internal", ipaddress.ip_address("169.254.169.254"))
    assert not policy.permits("other.internal", ipaddress.ip_address("192.168.0.7"))


@pytest.mark.parametrize("entry", ["10.0.0.0/99", "10.1.2.3.4", "", "http://host/", "10.0.0.1/8"])
def test_an_entry_that_is_neither_network_nor_host_is_refused(entry: str) -> None:
    with pytest.raises(Refused, match="neither a network such as"):
        HttpPolicy(allow_private=(entry,))
