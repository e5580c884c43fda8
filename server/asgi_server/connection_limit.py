"""Count the HTTP connections of each client address in this process."""

import ipaddress
from collections import Counter
from typing import Final

from server.asgi_server.trusted_proxies import TrustedProxies

_IPV6_PREFIX: Final = 64
"""Size of the network that a provider assigns to one customer (RFC 6177); its addresses count as one client."""


class ConnectionLimit:
    """Counts open connections by client address. Those of trusted proxies, which many clients share, do not count."""

    def __init__(self, max_per_address: int, proxies: TrustedProxies) -> None:
        self._max_per_address = max_per_address
        self._proxies = proxies
        self._open: Counter[str] = Counter()

    def open(self, address: str | None) -> float:
        """Count a connection. Return the share of the limit that its address uses: above 1 is over the limit.

        ``address`` is None for a Unix socket.
        """
        client = self._client(address)
        if client is None:
            return 0.0
        self._open[client] += 1
        return self._open[client] / self._max_per_address

    def close(self, address: str | None) -> None:
        """Stop counting a connection that ``open`` has counted."""
        client = self._client(address)
        if client is not None:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]

    def _client(self, address: str | None) -> str | None:
        if address is None or self._proxies.trusts(address):
            return None
        if ":" not in address:
            return address
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, _IPV6_PREFIX), strict=False))
