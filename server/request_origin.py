"""Detect requests that a browser sends for a page of another origin."""

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

_SAME_SITE_VALUES: Final = frozenset({"same-origin", "none"})


def is_cross_origin(headers: Mapping[str, str], allowed: Collection[str]) -> bool:
    """Return whether a browser sends the request for a page of an origin not in ``allowed``.

    Only requests without a CORS preflight need this check. A page cannot change Origin and Sec-Fetch-Site.
    """
    origin = headers.get("origin")
    if "*" in allowed or (origin is not None and origin in allowed):
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in _SAME_SITE_VALUES
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
