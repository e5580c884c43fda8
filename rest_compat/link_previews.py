"""Link previews: who gets the page of a share link instead of JSON, and the Open Graph tags of the page.

Chats and social networks fetch a link with ``Accept: */*``, as the official SDK and legacy callers do. Their names in
``User-Agent`` distinguish them. Browsers name HTML in ``Accept`` when they open a link, but not when a script fetches
it.
"""

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from starlette.requests import Request

from resolvers.sharing.public_files import PageContent
from resolvers.sharing.sharing import Shared

_PREVIEWERS: Final = re.compile(
    r"facebookexternalhit|facebot|meta-external|twitterbot|slackbot|slack-imgproxy|discordbot|telegrambot|whatsapp"
    r"|linkedinbot|skypeuripreview|microsoftpreview|teamsbot|redditbot|pinterest|tumblr|vkshare|viber|line-poker"
    r"|kakaotalk|snapchat|snap url preview|mastodon|pleroma|akkoma|misskey|lemmy|friendica|bluesky|cardyb|synapse"
    r"|mattermost-bot|rocket\.chat|zoombot|nextcloud|threema|iframely|embedly|xing-content"
    r"|googlebot|google-inspectiontool|bingbot|bingpreview|duckduckbot|applebot|yandexbot|w3c_validator|url ?preview"
    r"|link ?preview|urlpreview|unfurl",
    re.IGNORECASE,
)
"""Names in ``User-Agent`` of the programs with which chats, social networks and search engines show a link."""

_COVER_PIXELS: Final = 1024


def wants_page(request: Request) -> bool:
    """Return whether to answer with HTML.

    ``Accept`` decides if it names HTML or JSON, by which it names first. If it names neither, previewers get the page.
    """
    accept = request.headers.get("accept", "").lower()
    html = min((at for at in map(accept.find, ("text/html", "application/xhtml")) if at >= 0), default=-1)
    json = accept.find("json")
    if html >= 0 or json >= 0:
        return html >= 0 and (json < 0 or html < json)
    return _PREVIEWERS.search(request.headers.get("user-agent", "")) is not None


def tags(view: Shared, page: PageContent, description: str) -> str:
    """Return the Open Graph and Twitter tags of a page (ogp.me). Without content there are none."""
    return "".join(
        f'<meta {"name" if name.startswith("twitter:") else "property"}="{name}" content="{escape(value)}">'
        for name, value in _values(view, page, description)
    )


def _values(view: Shared, page: PageContent, description: str) -> Iterator[tuple[str, str]]:
    title = page_title(view)
    if title is None:
        return
    yield "og:site_name", "Music Studio"
    yield "og:type", "music.song" if view.track else "music.playlist"
    yield "og:url", page.url
    yield "og:title", title
    yield "og:description", description
    if page.has_png:
        yield "og:image", f"{page.url}/cover"
        yield "og:image:type", "image/png"
        yield "og:image:width", str(_COVER_PIXELS)
        yield "og:image:height", str(_COVER_PIXELS)
        yield "og:image:alt", f"Cover of {title}"
    if page.tracks:
        yield "og:audio", f"{page.url}/audio"
        yield "og:audio:type", "audio/mpeg"
    if view.track and view.track.measured_duration_seconds:
        yield "music:duration", str(max(round(view.track.measured_duration_seconds), 1))
    yield "twitter:card", "summary"
    yield "twitter:title", title
    yield "twitter:description", description
    if page.has_png:
        yield "twitter:image", f"{page.url}/cover"


def page_title(view: Shared) -> str | None:
    """Return the title of the content, or None if it was removed."""
    if view.track is not None:
        return view.track.title or "Untitled"
    return view.collection.name if view.collection is not None else None
