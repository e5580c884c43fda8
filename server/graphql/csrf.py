"""Whether a page of somebody else's is behind a request: browsers say so, and a page cannot make them lie."""

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

_SAME_SITE_VALUES: Final = frozenset({"same-origin", "none"})


def is_cross_origin(headers: Mapping[str, str], allowed: Collection[str]) -> bool:
    """Whether a browser sends this for a page that is neither ours nor of an allowed origin.

    Only that may be guarded against which a page can send without asking first (Fetch: a simple request).
    """
    origin = headers.get("origin")
    if "*" in allowed or (origin is not None and origin in allowed):
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in _SAME_SITE_VALUES
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def origin_of(address: str) -> str:
    """The origin of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
