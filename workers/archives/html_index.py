"""The HTML table of contents of an archive, with links to its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import PurePosixPath
from typing import Final, Self
from urllib.parse import quote

from core import clock
from storage.tables import Track

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "section{border-top:1px solid #ccc;padding:.5rem 0}h3{margin:.2rem 0}small{color:#555}audio{width:100%}"
)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; media-src 'self' file:; img-src 'self' file:"


@dataclass(frozen=True, slots=True)
class Row:
    """A track in the table of contents."""

    id: str
    title: str
    description: str
    paths: Sequence[str]

    @classmethod
    def of(cls, track: Track, paths: Sequence[str]) -> Self:
        use = "commercial use" if track.commercial_use else "no commercial use"
        credit = ", name the source" if track.requires_attribution else ""
        licence = f"{track.licence_class.value} {track.licence_version}: {use}{credit}"
        length = f"{track.measured_duration_seconds:.0f} s, " if track.measured_duration_seconds else ""
        description = f"{length}{clock.iso(track.created_at)}, {track.engine} {track.engine_version}, {licence}"
        return cls(track.id, track.title or track.id, description, paths)


def render(
    user: str,
    made_at: datetime,
    rows: Sequence[Row],
    collections: Sequence[tuple[str, Sequence[str]]],
    missing: Sequence[str],
) -> str:
    """Render a page that loads nothing from outside the archive."""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Music of '
        f'{escape(user)}</title><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<style>{_STYLE}</style></head><body><h1>Music of {escape(user)}</h1>"
        f"<p>{len(rows)} tracks, written {clock.iso(made_at)}. The same data for programs: <code>index.json</code>.</p>"
    )
    if missing:
        page += f"<h2>Missing</h2><ul>{''.join(f'<li>{escape(path)}</li>' for path in missing)}</ul>"
    titles = {row.id: row.title for row in rows}
    for name, members in collections:
        items = "".join(f"<li>{_link(titles, member)}</li>" for member in members)
        page += f"<h2>{escape(name)}</h2><ol>{items}</ol>"
    return f"{page}<h2>Tracks</h2>{''.join(map(_track, rows))}</body></html>"


def _link(titles: dict[str, str], track_id: str) -> str:
    if track_id not in titles:
        return f"{escape(track_id)} (a track of another user)"
    return f'<a href="#{escape(track_id)}">{escape(titles[track_id])}</a>'


def _track(row: Row) -> str:
    files = " · ".join(
        f'<a href="{quote(path)}">{escape(PurePosixPath(path).name)}</a>'
        for path in row.paths
        if "/stream/" not in path
    )
    players = [path for path in row.paths if path.endswith(".mp3") and "/stream/" not in path]
    player = f'<audio controls preload="none" src="{quote(players[0])}"></audio>' if players else ""
    heading = f'<section id="{escape(row.id)}"><h3>{escape(row.title)}</h3>'
    return f"{heading}<small>{escape(row.description)}</small>{player}<p>{files}</p></section>"
