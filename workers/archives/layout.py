"""The layout of an archive for people: names of folders and files, and a table of contents in HTML."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from core import clock
from core.track_metadata import TrackOrigin
from resolvers.library import track_urls
from storage.tables import FileRole, Track, TrackFile

_MAX_LENGTH: Final = 60
_UNSAFE: Final = re.compile(r"[^\w \-]+")
"""Characters that some operating systems do not allow in names."""

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "section{border-top:1px solid #ccc;padding:.5rem 0}h3{margin:.2rem 0}small{color:#555}audio{width:100%}"
)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; media-src 'self' file:; img-src 'self' file:"


def folder_name(number: int, track: Track) -> str:
    """Return a numbered folder name, unique on case-insensitive file systems as well."""
    title = _UNSAFE.sub("", track.title or "").strip()[:_MAX_LENGTH].strip()
    return f"tracks/{number:05} {title or track.id}"


def file_paths(folder: str, track: Track, rows: Sequence[TrackFile]) -> list[str]:
    """Return a unique path for each file."""
    taken: set[str] = set()
    paths = []
    for row in rows:
        plain_name = _UNSAFE.sub("", row.name)[:_MAX_LENGTH]
        is_chunk = row.role is FileRole.STREAM
        path = f"{folder}/" + (f"stream/{plain_name}.mp3" if is_chunk else track_urls.file_name(track, row))
        if path.lower() in taken:
            parts = PurePosixPath(path)
            path = f"{parts.parent}/{parts.stem} - {row.role.value} {plain_name}{parts.suffix}"
        taken.add(path.lower())
        paths.append(path)
    return paths


def render_page(
    user: str,
    made_at: datetime,
    sections: Sequence[str],
    titles: Mapping[str, str],
    collections: Sequence[tuple[str, Sequence[str]]],
    missing: Sequence[str],
) -> str:
    """Render a page that loads nothing from outside the archive, with a section for each track."""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Music of '
        f'{escape(user)}</title><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<style>{_STYLE}</style></head><body><h1>Music of {escape(user)}</h1>"
        f"<p>{len(sections)} tracks, written {clock.iso(made_at)}. "
        "The same data for programs: <code>index.json</code>.</p>"
    )
    if missing:
        page += f"<h2>Missing</h2><ul>{''.join(f'<li>{escape(path)}</li>' for path in missing)}</ul>"
    for name, members in collections:
        items = "".join(f"<li>{_link(titles, member)}</li>" for member in members)
        page += f"<h2>{escape(name)}</h2><ol>{items}</ol>"
    return f"{page}<h2>Tracks</h2>{''.join(sections)}</body></html>"


def _link(titles: Mapping[str, str], track_id: str) -> str:
    if track_id not in titles:
        return f"{escape(track_id)} (a track of another user)"
    return f'<a href="#{escape(track_id)}">{escape(titles[track_id])}</a>'


def render_track(track: Track, paths: Sequence[str]) -> str:
    """Render the section of a track with links to its files other than chunks of streams."""
    use = "commercial use" if track.commercial_use else "no commercial use"
    credit = ", name the source" if track.requires_attribution else ""
    licence = f"{track.licence_class.value} {track.licence_version}: {use}{credit}"
    length = f"{track.measured_duration_seconds:.0f} s, " if track.measured_duration_seconds else ""
    description = f"{length}{clock.iso(track.created_at)}, {track.engine} {track.engine_version}, {licence}"
    origin = TrackOrigin.from_json(track.origin)
    description += f". {origin.message}" if origin else ""
    linked = [path for path in paths if "/stream/" not in path]
    files = " · ".join(f'<a href="{quote(path)}">{escape(PurePosixPath(path).name)}</a>' for path in linked)
    players = [path for path in linked if path.endswith(".mp3")]
    player = f'<audio controls preload="none" src="{quote(players[0])}"></audio>' if players else ""
    heading = f'<section id="{escape(track.id)}"><h3>{escape(track.title or track.id)}</h3>'
    return f"{heading}<small>{escape(description)}</small>{player}<p>{files}</p></section>"
