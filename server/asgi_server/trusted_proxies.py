"""The proxies whose forwarded headers are believed."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

ALL: Final = "*"


class TrustedProxies:
    """The proxies of the setting ``TRUSTED_PROXIES``: addresses, networks such as 10.0.0.0/8, or ``*`` for all."""

    def __init__(self, values: Sequence[str]) -> None:
        self._trusts_all = ALL in values
        self._networks = [ipaddress.ip_network(value, strict=False) for value in values if value != ALL]
        self.trusts = lru_cache(maxsize=4096)(self._trusts)

    def _trusts(self, address: str) -> bool:
        if self._trusts_all:
            return True
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)
