"""The HTML page of a share link. It plays without a script; `web/shared.js` adds a player and the button to save."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from core.errors import RateLimited
from core.sharing import Visibility
from core.track_metadata import TrackOrigin
from resolvers.sharing.public_files import PageContent
from resolvers.sharing.sharing import Shared
from rest_compat import link_previews, palettes
from rest_compat.public_page import PublicPage
from storage.tables import Track

VARY: Final = "Accept, User-Agent"
"""The request headers that select the page or JSON."""


def render(request: Request, view: Shared, content: PageContent) -> Response:
    """Render the page. Search engines may list the pages of public links only."""
    page = PublicPage.for_request(request)
    title = link_previews.page_title(view)
    if title is None:
        return _without_content(page.message("removed", 200))
    shared = _SharePage(page, content)
    if view.track is not None:
        body, description = shared.track(view.track), shared.describe_track(view.track)
    else:
        body, description = shared.collection(view), shared.describe_collection()
    head = link_previews.tags(view, content, description) + (
        f'<meta name="description" content="{escape(description)}">'
        f'<script type="module" src="{escape(page.assets_path)}/shared.js"></script>'
    )
    response = page.render(title, body, head=head, style=_style(content.tracks))
    response.headers["Vary"] = f"{VARY}, Accept-Language"
    if view.link.visibility is not Visibility.PUBLIC:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def render_not_found(request: Request) -> Response:
    return _without_content(PublicPage.for_request(request).message("broken", 404))


def render_busy(request: Request, error: RateLimited) -> Response:
    """Render the page for a visitor whose address has opened too many links."""
    response = PublicPage.for_request(request).message("busy", 429, seconds=error.retry_after)
    response.headers["Retry-After"] = str(error.retry_after)
    return _without_content(response)


def _without_content(response: Response) -> Response:
    response.headers["Vary"] = f"{VARY}, Accept-Language"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _style(tracks: Sequence[Track]) -> str:
    """Colour the page by the cover of its first track."""
    hue = palettes.find_hue(tracks[0].palette) if tracks else None
    return "" if hue is None else f"body{{--hue:{hue:.0f}}}"


@dataclass(frozen=True, slots=True)
class _SharePage:
    """Builds the HTML of the content."""

    page: PublicPage
    content: PageContent

    def track(self, row: Track) -> str:
        facts = " · ".join(fact for fact in (self._maker(), _length(row.measured_duration_seconds)) if fact)
        return (
            f"{self._article()}<header>{self._picture(row)}<div><h1>{escape(self._title(row))}</h1>"
            f'<p class="quiet number">{escape(facts)}</p></div></header>'
            f"{self._player(row, '/audio', self._waveform())}{self._save(row.id, self._sign_in())}"
            f'<section class="panel"><h2>{escape(self.page.text("licence"))}</h2>{self._licence(row)}</section>'
            "</article>"
        )

    def collection(self, view: Shared) -> str:
        assert view.collection is not None  # noqa: S101  narrows the type
        about = f"<p>{escape(view.collection.description)}</p>" if view.collection.description else ""
        items = "".join(self._item(row) for row in self.content.tracks)
        hidden = self.content.track_count - len(self.content.tracks)
        more = self.page.text("more", shown=len(self.content.tracks), hidden=hidden) if hidden else ""
        return (
            f"{self._article()}<h1>{escape(view.collection.name)}</h1>"
            f'<p class="quiet">{escape(self.describe_collection())}</p>{about}{self._save("", self._sign_in())}'
            f'<ol class="shared-list" role="list">{items}</ol><p class="quiet">{escape(more)}</p></article>'
        )

    def describe_track(self, row: Track) -> str:
        facts = ", ".join(fact for fact in (self._maker(), _length(row.measured_duration_seconds)) if fact)
        return f"{facts or self.page.text('track')}. {self._terms(row)}"

    def describe_collection(self) -> str:
        count = self.content.track_count
        text = self.page.text("track") if count == 1 else self.page.text("tracks", count=count)
        return f"{text} {self._maker()}".rstrip()

    def _article(self) -> str:
        text, token = self.page.text, self.content.url.rpartition("/")[2]
        return (
            f'<article class="shared" data-token="{escape(token)}" data-save="{escape(text("save"))}" '
            f'data-saved="{escape(text("saved"))}">'
        )

    def _item(self, row: Track) -> str:
        return (
            f"<li>{self._picture(row)}<div><h2>{escape(self._title(row))}</h2>"
            f'<p class="quiet">{escape(self._terms(row))}</p>{_origin(row)}</div>'
            f"{self._player(row, f'/audio?track={row.id}')}{self._save(row.id)}</li>"
        )

    def _picture(self, row: Track) -> str:
        cover = self.content.covers.get(row.id)
        alternative = escape(self.page.text("cover", title=self._title(row)))
        return (
            f'<img class="cover" src="{escape(cover)}" alt="{alternative}" width="1024" height="1024">' if cover else ""
        )

    def _player(self, row: Track, path: str, waveform: str = "") -> str:
        """Return a player. Its address is stable and relative to the page, so that it outlives signed URLs."""
        title = self._title(row)
        labels = " ".join(
            f'data-{name}="{escape(self.page.text(name, title=title))}"' for name in ("pause", "position")
        )
        return (
            f'<div class="shared-player" data-title="{escape(title)}" data-maker="{escape(self.content.maker)}" '
            f'data-seconds="{row.measured_duration_seconds or 0:.2f}" {labels}>'
            f'<audio controls preload="none" src="{escape(self.content.url.rpartition("/")[2] + path)}" '
            f'aria-label="{escape(self.page.text("play", title=title))}"></audio>{waveform}</div>'
        )

    def _waveform(self) -> str:
        """Draw the peaks as bars of a width of 3 with gaps of 1, around the middle."""
        if not self.content.peaks:
            return ""
        heights = [max(peak, 0.02) for peak in self.content.peaks]
        bars = "".join(f"M{4 * at} {50 - 48 * height:.1f}h3v{96 * height:.1f}h-3z" for at, height in enumerate(heights))
        return (
            f'<div class="wave"><svg viewBox="0 0 {4 * len(heights)} 100" preserveAspectRatio="none" role="img" '
            f'aria-label="{escape(self.page.text("waveform"))}"><path d="{bars}"/></svg></div>'
        )

    def _save(self, track_id: str, content: str = "") -> str:
        """Return the place of the button to save a track, which the script adds for people who are signed in."""
        return f'<p class="save" data-track="{escape(track_id)}">{content}</p>'

    def _sign_in(self) -> str:
        return f'<a href="{escape(self.page.studio_path)}">{escape(self.page.text("sign_in"))}</a>'

    def _licence(self, row: Track) -> str:
        facts = self.page.text("licence_facts", name=row.licence_class.value, version=row.licence_version)
        return f'<p>{escape(self._terms(row))}</p>{_origin(row)}<p class="quiet">{escape(facts)}</p>'

    def _terms(self, row: Track) -> str:
        """Explain the licence in plain words."""
        text = self.page.text(row.licence_class.value)
        if row.requires_attribution:
            return f"{text} {self.page.text('attribution')}"
        return f"{text} {self.page.text('no_attribution')}" if row.commercial_use else text

    def _title(self, row: Track) -> str:
        return row.title or self.page.text("untitled")

    def _maker(self) -> str:
        return self.page.text("by", maker=self.content.maker) if self.content.maker else ""


def _origin(row: Track) -> str:
    origin = TrackOrigin.from_json(row.origin)
    return f"<p>{escape(origin.message)}</p>" if origin else ""


def _length(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
