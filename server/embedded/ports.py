"""Find and check TCP ports to listen on."""

import errno
import secrets
import socket
from typing import Final

from server.embedded.errors import StartupError

LOOPBACK = "127.0.0.1"
PROBE_SECONDS = 1.0
# Below the ephemeral ports (32768 on Linux, 49152 on macOS and by IANA): no outgoing connection can take the port.
_FIRST: Final = 12_000
_LAST: Final = 31_999
_TRIES: Final = 100


def find_free() -> int:
    """Return a free loopback port. Raises StartupError after 100 tries."""
    for _ in range(_TRIES):
        port = _FIRST + secrets.randbelow(_LAST - _FIRST + 1)
        if not _bind_error(port, LOOPBACK):
            return port
    raise StartupError(f"No free port was found between {_FIRST} and {_LAST} on {LOOPBACK}.")


def check_available(port: int, host: str = LOOPBACK) -> None:
    """Raise StartupError if the address cannot be listened on."""
    if error := _bind_error(port, host):
        raise StartupError(_message(error, host, port)) from error


def own_address(wildcard: str) -> str | None:
    """Return the address of this machine in its network, of the kind of 0.0.0.0 or ::, or None without a network.

    No packet is sent: a datagram socket only looks up the route to an address outside (RFC 5737, RFC 3849).
    """
    is_ipv6 = ":" in wildcard
    with socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("2001:db8::1" if is_ipv6 else "192.0.2.1", 9))
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return address.partition("%")[0]


def accepts_connections(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), PROBE_SECONDS).close()
    except OSError:
        return False
    return True


def _bind_error(port: int, host: str) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error
    return None


def _message(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program: stop it, or choose another port with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for root on this system: choose one above 1023 with --port."
    return f"Cannot listen on {host} port {port}: {error.strerror or error}."
