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


def accepts_connections(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), PROBE_SECONDS).close()
    except OSError:
        return False
    return True


def _bind_error(port: int, host: str) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def _message(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program: stop it, or choose another port with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for root on this system: choose one above 1023 with --port."
    return f"Cannot listen on {host} port {port}: {error.strerror or error}."
