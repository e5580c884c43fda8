"""Addresses of the public Internet, for calls to user-supplied URLs, and further hosts that an operator allows."""

import ipaddress
import re
from collections.abc import Collection
from typing import Final

_GLOBAL_UNICAST_IPV6: Final = ipaddress.ip_network("2000::/3")
"""All IPv6 addresses that are assigned for hosts of the Internet; mapped and translated ones lie outside."""

_SPECIAL: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        # IANA special-purpose address registries, RFC 6890, read 2026-11: ranges that some versions of ``ipaddress``
        # count as global, or that the registry does although no public host has such an address
        "192.0.0.0/24",  # protocol assignments; Oracle Cloud's metadata is at 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # automatic multicast tunnelling
        "192.88.99.0/24",  # 6to4 relay anycast
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "100.64.0.0/10",  # shared by carriers; Alibaba Cloud's metadata is at 100.100.100.200
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
        "168.63.129.16/32",  # Azure's DNS, DHCP and metadata inside its networks, a registered public address
    )
)

_IPV6: Final = 6
_DEFAULT_PORTS: Final = (80, 443)
_MAX_PORT: Final = 65_535

_ALLOWED_HOST: Final = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::(?P<port>[1-9]\d{0,4}|\*))?")


def is_public(text: str) -> bool:
    """Return whether this is the address of a host on the public Internet, neither translated nor tunnelled."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.version == _IPV6 and address not in _GLOBAL_UNICAST_IPV6:
        return False
    is_special = any(address in network for network in _SPECIAL if network.version == address.version)
    return address.is_global and not address.is_multicast and not is_special


def is_address(host: str) -> bool:
    """Return whether a host is an IP address without brackets."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def parse_allowed_host(text: str) -> str:
    """Return the normal form of ``host``, ``host:port`` or ``host:*``. Raises ValueError."""
    match = _ALLOWED_HOST.fullmatch(f"[{text}]" if ":" in text and is_address(text) else text)
    host, port = (match["host"].strip("[]"), match["port"]) if match else ("", None)
    is_valid_host = is_address(host) if ":" in host else host != ""
    if not is_valid_host or (port not in {None, "*"} and int(port) > _MAX_PORT):
        raise ValueError(
            f"{text!r} is not a host with an optional port, such as hooks.lan, hooks.lan:8080 or [::1]:8080"
        )
    return _normalize(host) + ("" if port is None else f":{port}")


def is_allowed(allowed_hosts: Collection[str], host: str, port: int) -> bool:
    """Return whether one of these normal forms is the host on this port; without a port it means 80 and 443."""
    name = _normalize(host)
    forms = {f"{name}:{port}", f"{name}:*", *([name] if port in _DEFAULT_PORTS else [])}
    return not forms.isdisjoint(allowed_hosts)


def _normalize(host: str) -> str:
    if is_address(host):
        address = ipaddress.ip_address(host)
        return f"[{address}]" if address.version == _IPV6 else str(address)
    return host.lower().removesuffix(".")
