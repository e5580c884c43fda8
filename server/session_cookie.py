"""The cookie that carries a browser session."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import cookie_parser
from starlette.responses import Response

NAME: Final = "music_studio_session"


def read(headers: Mapping[str, str]) -> str | None:
    """Return the session in the Cookie header, if there is one. Header names are in lowercase."""
    cookies = headers.get("cookie")
    return cookie_parser(cookies).get(NAME) if cookies else None


def set_on(response: Response, session: str, seconds: int, base_url: str) -> None:
    """Set the cookie for the pages of this server: scripts cannot read it, and other sites cannot send it."""
    parts = urlsplit(base_url)
    response.set_cookie(
        NAME,
        session,
        max_age=seconds,
        path=f"{parts.path}/",
        secure=parts.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def delete_from(response: Response, base_url: str) -> None:
    response.delete_cookie(NAME, path=f"{urlsplit(base_url).path}/", httponly=True, samesite="strict")
