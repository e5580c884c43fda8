"""``studio tracks`` and ``studio library``: find, read, download, play, share, organize and delete tracks."""

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from music_studio_client import MusicStudio
from music_studio_client.models import LibrarySort, Track

from server.cli import console, output
from server.cli.api_commands import player
from server.cli.api_commands.api_client import with_client
from server.cli.api_commands.arguments import DaysOption, LimitOption, TrackId
from server.cli.api_commands.downloads import FormatOption, download_format

tracks = typer.Typer(no_args_is_help=True, help="List, show, download, play, share and delete tracks.")
library = typer.Typer(no_args_is_help=True, help="Search the library; save, tag, favour, export and remove tracks.")


@tracks.command("list")
@library.command("list")
@with_client
def list_tracks(
    studio: MusicStudio,
    query: Annotated[str | None, typer.Argument(help="Words of the title, the tags or the prompt.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only tracks with this tag. Can be repeated.")] = None,
    favourites: Annotated[bool, typer.Option("--favourites", help="Only favourites.")] = False,  # noqa: FBT002
    sort: Annotated[LibrarySort, typer.Option(help="Order.", case_sensitive=False)] = LibrarySort.SAVED_AT,
    limit: LimitOption = 50,
) -> None:
    """List the tracks of the library, the latest first."""
    found = studio.library.list(query, tags=tag or (), is_favourite=favourites or None, sort=sort)
    entries = [entry for entry in islice(found, limit) if entry.track]
    rows = [
        {
            "id": entry.track.id,
            "title": entry.track.title,
            "seconds": entry.track.measured_duration_seconds,
            "style": entry.track.style,
            "tags": entry.tags,
            "favourite": entry.is_favourite,
            "saved": entry.saved_at,
        }
        for entry in entries
        if entry.track
    ]
    output.print_rows(rows, ("id", "title", "seconds", "style", "tags", "favourite", "saved"), entries)


@tracks.command("show")
@with_client
def show(
    studio: MusicStudio,
    track_id: TrackId,
) -> None:
    """Show what a track is, how its prompt was understood, and what may be done with it."""
    track = studio.tracks.get(track_id)
    output.print_properties(describe(track), track)


def describe(track: Track) -> dict[str, object]:
    """Return the properties of a track that people read."""
    licence, report = track.licence, track.report
    use = "commercial use allowed" if licence.commercial_use else "no commercial use"
    attribution = ", attribution required" if licence.requires_attribution else ""
    properties: dict[str, object] = {
        "title": track.title,
        "id": track.id,
        "style": track.style,
        "key": track.key,
        "tempo": f"{track.tempo_bpm:g} bpm" if track.tempo_bpm else None,
        "metre": track.metre,
        "length": f"{track.measured_duration_seconds:g} s" if track.measured_duration_seconds else None,
        "licence": f"{licence.class_.value.lower()}: {use}{attribution}",
        "engine": f"{track.engine} {track.engine_version}, seed {track.seed}",
        "created": track.created_at,
    }
    if report is not None:
        properties |= {
            "instruments": [*dict.fromkeys(use.name for use in report.instruments or ())],
            "words approximated": [f"{each.asked} as {each.given}" for each in report.words_approximated],
            "words not used": report.words_ignored,
            "notes": " ".join(report.notes),
        }
    return properties


@tracks.command("get")
@with_client
def get(
    studio: MusicStudio,
    track_id: TrackId,
    file_format: FormatOption = None,
    part: Annotated[str | None, typer.Option(help="Name of the stem, with --format stem.")] = None,
    target: Annotated[Path, typer.Option("--output", "-o", help="File or folder to write.")] = Path(),
) -> None:
    """Download a file of a track."""
    path = studio.tracks.download(track_id, target, download_format(target, file_format), part)
    output.print_done(str(path), trackId=track_id, file=str(path))


@tracks.command("play")
@with_client
def play(studio: MusicStudio, track_id: TrackId) -> None:
    """Play a track on this machine."""
    track = studio.tracks.get(track_id)
    if track.playback_url is None:
        console.fail(f"{track_id} has no audio.")
    player.play(track.playback_url)


@tracks.command("share")
@with_client
def share(
    studio: MusicStudio,
    track_id: TrackId,
    days: DaysOption = None,
) -> None:
    """Create a public link to a track and print it. `shares revoke` ends it."""
    shared = studio.shares.share_track(track_id, expires_in_days=days)
    output.print_done(shared.url, id=shared.link.id, url=shared.url)


@tracks.command("rename")
@with_client
def rename(
    studio: MusicStudio,
    track_id: TrackId,
    title: Annotated[str, typer.Argument(help="The new title.")],
) -> None:
    """Change the title of a track."""
    studio.tracks.rename(track_id, title)
    output.print_done(f"{track_id} is now called {title}.", id=track_id, title=title)


@tracks.command("delete")
@with_client
def delete(
    studio: MusicStudio,
    track_id: TrackId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,  # noqa: FBT002
) -> None:
    """Delete a track with its files and share links."""
    track = studio.tracks.get(track_id)
    if not yes:
        typer.confirm(f"Delete “{track.title}”? This cannot be undone.", abort=True, err=True)
    studio.tracks.delete(track_id)
    output.print_done(f"{track_id} is deleted.", deletedId=track_id)


@library.command("save")
@with_client
def save(
    studio: MusicStudio,
    track_id: TrackId,
) -> None:
    """Keep a track in the library."""
    studio.library.save(track_id)
    output.print_done(f"{track_id} is in the library.", id=track_id)


@library.command("remove")
@with_client
def remove(
    studio: MusicStudio,
    track_id: TrackId,
) -> None:
    """Take a track out of the library. The track stays readable by its id."""
    studio.library.remove(track_id)
    output.print_done(f"{track_id} is no longer in the library.", id=track_id)


@library.command("tag")
@with_client
def tag(
    studio: MusicStudio,
    track_id: TrackId,
    tags: Annotated[list[str] | None, typer.Argument(help="All tags of the track. None removes them.")] = None,
) -> None:
    """Replace the tags of a track."""
    entry = studio.library.tag(track_id, tags or ())
    output.print_done(f"{track_id}: {', '.join(entry.tags) or 'no tags'}", id=track_id, tags=entry.tags)


@library.command("favour")
@with_client
def favour(
    studio: MusicStudio,
    track_id: TrackId,
    undo: Annotated[bool, typer.Option("--undo", help="Remove the mark.")] = False,  # noqa: FBT002
) -> None:
    """Mark a track as a favourite."""
    studio.library.favour(track_id, is_favourite=not undo)
    output.print_done(f"{track_id} is {'not ' * undo}a favourite.", id=track_id, isFavourite=not undo)


@library.command("export")
@with_client
def export(
    studio: MusicStudio,
    track: Annotated[
        list[str] | None,
        typer.Option(help="Id of a track that you made. Can be repeated. Default: everything you have."),
    ] = None,
    target: Annotated[Path, typer.Option("--output", "-o", help="File or folder to write.")] = Path(),
) -> None:
    """Download one ZIP archive of tracks with all their files, scores, licences and receipts."""
    console.check_target(target, [".zip"])
    path = studio.library.export(target, track)
    output.print_done(str(path), trackIds=track, file=str(path))
