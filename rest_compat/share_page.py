"""The HTML page of a share link, without scripts and external style sheets."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from core.licence import LicenceClass
from resolvers.sharing.sharing import CONTENT_REMOVED, Shared
from storage.tables import Track

_FOLDER: Final = Path(__file__).parent
_STYLE: Final = (_FOLDER / "share_page.css").read_text(encoding="utf-8")
_PAGE: Final = Template((_FOLDER / "share_page.html").read_text(encoding="utf-8"))

_LICENCE_TEXTS: Final[Mapping[LicenceClass, str]] = {
    LicenceClass.COMMERCIAL_CLEARED: "You may use this music commercially.",
    LicenceClass.COMMERCIAL_ENTERPRISE: "Commercial use is covered by an enterprise agreement.",
    LicenceClass.PERSONAL_ONLY: "For personal use only.",
    LicenceClass.UNCLEAR: "The rights to this music are not cleared. Treat it as for personal use only.",
}

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; media-src *; img-src *; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "style-src 'sha256-" + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode() + "'"
    ),
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
    "Vary": "Accept",
}


def prefers_html(request: Request) -> bool:
    """Return whether the ``Accept`` header lists HTML before JSON, as that of browsers does."""
    accept = request.headers.get("accept", "")
    html, json = accept.find("text/html"), accept.find("application/json")
    return html >= 0 and (json < 0 or html < json)


def render(view: Shared, urls: Mapping[str, str], covers: Mapping[str, str]) -> Response:
    if view.track is not None:
        return _document(view.track.title or "A track", _track(view.track, urls, covers, "h1"))
    if view.collection is not None:
        row = view.collection
        about = f"<p>{escape(row.description)}</p>" if row.description else ""
        items = "".join(f"<li>{_track(track, urls, covers, 'h2')}</li>" for track in view.tracks)
        return _document(row.name, f"<h1>{escape(row.name)}</h1>{about}<ol>{items}</ol>")
    return _document("Not available", f"<h1>Not available</h1><p>{CONTENT_REMOVED}</p>")


def render_not_found() -> Response:
    text = "This link does not work. It may have been revoked or have expired."
    return _document("Link not found", f"<h1>Link not found</h1><p>{text}</p>", 404)


def _track(row: Track, urls: Mapping[str, str], covers: Mapping[str, str], heading: str) -> str:
    title = escape(row.title or "Untitled")
    url, cover = urls.get(row.id), covers.get(row.id)
    player = f'<audio controls preload="none" src="{escape(url)}" aria-label="Play {title}"></audio>' if url else ""
    picture = (
        f'<img src="{escape(cover)}" alt="Cover of {title}" loading="lazy" width="1024" height="1024">' if cover else ""
    )
    credit = " Attribution is required." if row.requires_attribution else ""
    return (
        f"{picture}<{heading}>{title}</{heading}><p class=quiet>{_length(row.measured_duration_seconds)}</p>{player}"
        f"<p>{_LICENCE_TEXTS[row.licence_class]}{credit}</p>"
        f"<p class=quiet>Licence {row.licence_class.value}, {escape(row.licence_version)}</p>"
    )


def _length(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _document(title: str, content: str, status: int = 200) -> Response:
    page = _PAGE.substitute(title=escape(title), style=_STYLE, content=content)
    return HTMLResponse(page, status, _HEADERS)
