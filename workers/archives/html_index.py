"""The page in an archive that people open: what is in it, and links to the files beside it."""

from collections.abc import Iterator, Sequence
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
    """A track on the page."""

    id: str
    title: str
    about: str
    paths: Sequence[str]

    @classmethod
    def of(cls, track: Track, paths: Sequence[str]) -> Self:
        """The row of a track with these files."""
        use = "commercial use" if track.commercial_use else "no commercial use"
        credit = ", name the source" if track.requires_attribution else ""
        licence = f"{track.licence_class.value} {track.licence_version}: {use}{credit}"
        length = f"{track.measured_duration_seconds:.0f} s, " if track.measured_duration_seconds else ""
        about = f"{length}{clock.iso(track.created_at)}, {track.engine} {track.engine_version}, {licence}"
        return cls(track.id, track.title or track.id, about, paths)


def render(
    user: str,
    made_at: datetime,
    rows: Sequence[Row],
    lists: Sequence[tuple[str, Sequence[str]]],
    missing: Sequence[str],
) -> str:
    """The whole page; it loads nothing but what lies beside it."""
    return "".join(_parts(user, made_at, rows, lists, missing))


def _parts(
    user: str,
    made_at: datetime,
    rows: Sequence[Row],
    lists: Sequence[tuple[str, Sequence[str]]],
    missing: Sequence[str],
) -> Iterator[str]:
    yield (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Music of '
        f'{escape(user)}</title><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<style>{_STYLE}</style></head><body><h1>Music of {escape(user)}</h1>"
        f"<p>{len(rows)} tracks, written {clock.iso(made_at)}. <code>index.json</code> tells the same to programs.</p>"
    )
    if missing:
        yield f"<h2>Missing</h2><ul>{''.join(f'<li>{escape(path)}</li>' for path in missing)}</ul>"
    titles = {row.id: row.title for row in rows}
    for name, members in lists:
        items = "".join(f"<li>{_titled(titles, member)}</li>" for member in members)
        yield f"<h2>{escape(name)}</h2><ol>{items}</ol>"
    yield "<h2>Tracks</h2>"
    yield from map(_track, rows)
    yield "</body></html>"


def _titled(titles: dict[str, str], track_id: str) -> str:
    if track_id not in titles:
        return f"{escape(track_id)} (somebody else&#x27;s)"
    return f'<a href="#{escape(track_id)}">{escape(titles[track_id])}</a>'


def _track(row: Row) -> str:
    files = " · ".join(
        f'<a href="{quote(path)}">{escape(PurePosixPath(path).name)}</a>'
        for path in row.paths
        if "/stream/" not in path
    )
    players = [path for path in row.paths if path.endswith(".mp3") and "/stream/" not in path]
    player = f'<audio controls preload="none" src="{quote(players[0])}"></audio>' if players else ""
    head = f'<section id="{escape(row.id)}"><h3>{escape(row.title)}</h3>'
    return f"{head}<small>{escape(row.about)}</small>{player}<p>{files}</p></section>"
