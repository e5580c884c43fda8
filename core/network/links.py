"""Absolute links of this server: the base URL of a request or of the settings, and hosts in URLs."""

import re
from typing import Final
from urllib.parse import urlsplit

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MAX_PORT: Final = 65_535
_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::([0-9]{1,5}))?", re.ASCII)
_PREFIX: Final = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[\w.~!$&'()*+,;=:@%-]+)*", re.ASCII)


def parse_host(text: str) -> tuple[str, int | None] | None:
    """Split the value of a Host header into a lowercase name or address and a port. Return None if it is malformed."""
    match = _HOST.fullmatch(text.lower())
    if match is None:
        return None
    port = int(match[3]) if match[3] else None
    return None if port is not None and not 0 < port <= _MAX_PORT else (match[1] or match[2], port)


def base_url(scheme: str, name: str, port: int | None, prefix: str = "") -> str:
    """Return the URL before the paths of this server, without a slash at its end and without a usual port."""
    host = f"[{name}]" if ":" in name else name
    return f"{scheme}://{host}{'' if port in {None, _DEFAULT_PORTS[scheme]} else f':{port}'}{prefix}"


def prefix_of(url: str) -> str:
    """Return the sub-path of a base URL, empty if it has none."""
    return urlsplit(url).path


def normalize_prefix(path: str) -> str | None:
    """Return a path without slashes at its end. Return None if it is not a path of one or more plain segments."""
    stripped = path.rstrip("/")
    return stripped if _PREFIX.fullmatch(stripped) else None


def normalize_base_url(text: str) -> str:
    """Return a base URL with a lowercase host in ASCII, no usual port and no slash at its end. Raises ValueError."""
    error = ValueError(f"{text} is not a URL such as https://music.example.org or https://example.org/studio")
    try:
        parts = urlsplit(text.strip())
        host = parse_host(parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode())
    except ValueError:
        raise error from None
    prefix = normalize_prefix(parts.path)
    if parts.scheme not in _DEFAULT_PORTS or host is None or prefix is None or parts.query or parts.fragment:
        raise error
    return base_url(parts.scheme, *host, prefix)
