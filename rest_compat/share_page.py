"""The HTML page of a share link, without scripts and external style sheets."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from starlette.responses import HTMLResponse, Response

from core.licence import LicenceClass
from core.sharing import Visibility
from core.track_metadata import TrackOrigin
from resolvers.sharing.public_files import PageContent
from resolvers.sharing.sharing import CONTENT_REMOVED, Shared
from rest_compat import link_previews
from storage.tables import Track

VARY: Final = "Accept, User-Agent"
"""The request headers that select the page or JSON."""

_FOLDER: Final = Path(__file__).parent
_STYLE: Final = (_FOLDER / "share_page.css").read_text(encoding="utf-8")
_PAGE: Final = Template((_FOLDER / "share_page.html").read_text(encoding="utf-8"))

_LICENCE_TEXTS: Final[Mapping[LicenceClass, str]] = {
    LicenceClass.COMMERCIAL_CLEARED: "You may use this music commercially.",
    LicenceClass.COMMERCIAL_ENTERPRISE: "Commercial use is covered by an enterprise agreement.",
    LicenceClass.PERSONAL_ONLY: "You may use this music for yourself, but not commercially.",
    LicenceClass.UNCLEAR: "The rights to this music are not cleared: listen to it, but do not publish or sell it.",
}

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; media-src *; img-src *; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "style-src 'sha256-" + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode() + "'"
    ),
    "Cache-Control": "no-store",
    "Vary": VARY,
}
_NO_INDEX: Final = {"X-Robots-Tag": "noindex"}


def render(view: Shared, page: PageContent) -> Response:
    """Render the page. Search engines may list the pages of public links only."""
    title = link_previews.page_title(view)
    if title is None:
        return _document("Not available", f"<h1>Not available</h1><p>{CONTENT_REMOVED}</p>")
    if view.track is not None:
        description = f"{_facts(view.track, page.maker)}. {_licence(view.track)}"
        content = _track(view.track, page)
    else:
        description = f"{_count(page.track_count)} by {page.maker}" if page.maker else _count(page.track_count)
        content = _collection(view, page)
    head = link_previews.tags(view, page, description)
    return _document(title, content, head=head, is_public=view.link.visibility is Visibility.PUBLIC)


def render_not_found() -> Response:
    text = "This link does not work. It may have been revoked or have expired."
    return _document("Link not found", f"<h1>Link not found</h1><p>{text}</p>", 404)


def _track(row: Track, page: PageContent) -> str:
    heading = f"<h1>{escape(row.title or 'Untitled')}</h1><p class=quiet>{escape(_facts(row, page.maker))}</p>"
    return (
        f"<header>{_picture(row, page)}<div>{heading}</div></header>{_player(row, page, '/audio')}"
        f"{_waveform(page.peaks)}{_licence_paragraph(row)}"
    )


def _collection(view: Shared, page: PageContent) -> str:
    assert view.collection is not None  # noqa: S101  narrows the type
    about = f"<p>{escape(view.collection.description)}</p>" if view.collection.description else ""
    maker = f" by {escape(page.maker)}" if page.maker else ""
    items = "".join(
        f"<li><header>{_picture(row, page)}<div><h2>{escape(row.title or 'Untitled')}</h2>"
        f"<p class=quiet>{_length(row.measured_duration_seconds)}</p></div></header>"
        f"{_player(row, page, f'/audio?track={row.id}')}{_licence_paragraph(row)}</li>"
        for row in page.tracks
    )
    hidden = page.track_count - len(page.tracks)
    more = (
        f"<p class=quiet>The page shows the first {len(page.tracks)} tracks, {hidden} more follow.</p>"
        if hidden
        else ""
    )
    return (
        f"<h1>{escape(view.collection.name)}</h1><p class=quiet>{_count(page.track_count)}{maker}</p>{about}"
        f"<ol>{items}</ol>{more}"
    )


def _picture(row: Track, page: PageContent) -> str:
    cover = page.covers.get(row.id)
    alternative = f"Cover of {escape(row.title or 'Untitled')}"
    return f'<img src="{escape(cover)}" alt="{alternative}" width="1024" height="1024">' if cover else ""


def _player(row: Track, page: PageContent, path: str) -> str:
    """Return a player. Its address is stable and relative to the page, so that it outlives signed URLs."""
    source = escape(page.url.rpartition("/")[2] + path)
    return f'<audio controls preload="none" src="{source}" aria-label="Play {escape(row.title or "Untitled")}"></audio>'


def _waveform(peaks: Sequence[float]) -> str:
    """Draw the peaks as bars of a width of 3 with gaps of 1, around the middle."""
    if not peaks:
        return ""
    bars = "".join(
        f"M{4 * at} {50 - 48 * max(peak, 0.02):.1f}h3v{96 * max(peak, 0.02):.1f}h-3z" for at, peak in enumerate(peaks)
    )
    return (
        f'<svg viewBox="0 0 {4 * len(peaks)} 100" preserveAspectRatio="none" role="img" aria-label="Waveform">'
        f'<path d="{bars}"/></svg>'
    )


def _licence_paragraph(row: Track) -> str:
    licence = f"Licence {row.licence_class.value}, {escape(row.licence_version)}"
    return f"<p>{_licence(row)}</p>{_origin(row)}<p class=quiet>{licence}</p>"


def _licence(row: Track) -> str:
    """Explain the licence in plain words."""
    text = _LICENCE_TEXTS[row.licence_class]
    if row.requires_attribution:
        return f"{text} You must name its maker."
    return f"{text} You need not name its maker." if row.commercial_use else text


def _facts(row: Track, maker: str) -> str:
    facts = (f"by {maker}" if maker else "", _length(row.measured_duration_seconds))
    return ", ".join(fact for fact in facts if fact) or "A track"


def _count(tracks: int) -> str:
    return "1 track" if tracks == 1 else f"{tracks} tracks"


def _origin(row: Track) -> str:
    origin = TrackOrigin.from_json(row.origin)
    return f"<p>{escape(origin.message)}</p>" if origin else ""


def _length(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _document(title: str, content: str, status: int = 200, *, head: str = "", is_public: bool = False) -> Response:
    page = _PAGE.substitute(title=escape(title), style=_STYLE, head=head, content=content)
    return HTMLResponse(page, status, _HEADERS if is_public else _HEADERS | _NO_INDEX)
