"""``studio focus``: run a focus session on a running server."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer
from music_studio_client import MusicStudio
from music_studio_client.models import FocusGoal, FocusIntensity, FocusSegment, FocusSession, FocusUpdate

from core.focus import MAX_MINUTES
from server.cli import console, output
from server.cli.api_commands.api_client import with_client
from server.cli.console import ExitStatus, err, out

_END_MESSAGES: Final[Mapping[str, str]] = {
    "COMPLETE": "All segments are ready.",
    "LISTENER": "The session was ended.",
    "CAP": "The organization's spend cap was reached; the finished segments can be played.",
    "BROKEN": "A segment could not be rendered; the finished segments can be played.",
}


@with_client
def focus(
    studio: MusicStudio,
    goal: Annotated[FocusGoal, typer.Option(help="Purpose of the music.", case_sensitive=False)] = FocusGoal.FOCUS,
    minutes: Annotated[int, typer.Option(min=1, max=MAX_MINUTES, help="Length in minutes.")] = 60,
    prompt: Annotated[str | None, typer.Option(help="Prompt. Sets the goal to custom_prompt.")] = None,
    intensity: Annotated[
        FocusIntensity, typer.Option(help="Intensity of the music.", case_sensitive=False)
    ] = FocusIntensity.MEDIUM,
    divergence: Annotated[
        float, typer.Option(min=0, max=1, help="Difference between segments, from 0 (similar) to 1.")
    ] = 0.0,
    engine: Annotated[str | None, typer.Option(help="Engine that supports focus. Default: the server's.")] = None,
    prefetch: Annotated[bool, typer.Option("--prefetch", help="Render all segments at once.")] = False,  # noqa: FBT002
    play_dir: Annotated[Path | None, typer.Option(help="Folder for the segments as MP3.", file_okay=False)] = None,
) -> None:
    """Start a focus session and print its segments as they are rendered. Ctrl-C ends the session."""
    if play_dir is not None:
        play_dir.mkdir(parents=True, exist_ok=True)
    session = studio.focus.start(
        goal,
        minutes=minutes,
        prompt=prompt,
        intensity=intensity,
        divergence=divergence,
        engine=engine,
        prefetch=prefetch,
    )
    if not console.prints_json.get():
        out.print(f"[bold]{session.id}[/]: {session.total_segments} segment(s). Play the stream in any HLS player:")
        out.print(f"  {session.stream_url}\n", markup=False)
        err.print("[dim]The first segment is being rendered. Ctrl-C ends the session.[/]")
    # a shell starts a background process with SIGINT ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _follow(studio, session, play_dir)
    except KeyboardInterrupt:
        ended = studio.focus.end(session.id)
        console.fail(
            f"{session.id} is ended after {ended.ready_count} of {ended.total_segments} segments, which can be played.",
            ExitStatus.INTERRUPTED,
        )


def _follow(studio: MusicStudio, session: FocusSession, folder: Path | None) -> None:
    for update in studio.focus.watch(session.id):
        for segment in update.new_segments:
            _print_segment(studio, session, segment, folder)
        _print_gap(update)
        _print_end(update)


def _print_gap(update: FocusUpdate) -> None:
    """Report a session whose engine is slower than playback."""
    if update.session.is_stalled and not console.prints_json.get():
        err.print("[dim]All ready music has been played; there is a gap until the next segment is ready.[/]")


def _print_end(update: FocusUpdate) -> None:
    session = update.session
    if session.end_reason is not None:
        gaps = f"Playback waited {session.gap_seconds:.0f} s for segments." if session.gap_seconds >= 1 else ""
        words = [_END_MESSAGES[session.end_reason.value], session.problem or "", gaps]
        fields = {"endReason": session.end_reason.value, "problem": session.problem}
        output.print_done(f"\n{' '.join(filter(None, words))}", id=session.id, gapSeconds=session.gap_seconds, **fields)


def _print_segment(studio: MusicStudio, session: FocusSession, segment: FocusSegment, folder: Path | None) -> None:
    """Print one line for a segment; download its file if there is a folder."""
    number, width = segment.index + 1, len(str(session.total_segments))
    path = None
    if folder is not None and segment.playback_url is not None:
        path = studio.tracks.download_url(segment.playback_url, folder / f"{number:0{width}}.mp3")
    if console.prints_json.get():
        output.print_json({**segment.model_dump(mode="json", by_alias=True), "file": path and str(path)})
        return
    line = f"{number:>{width}}/{session.total_segments}  from {_format_time(segment.begins_at_seconds)}"
    line += f"  {_format_time(segment.measured_duration_seconds or 0)}"
    line += f"  {segment.grid.tempo_bpm:.1f} bpm  {segment.grid.key}"
    out.print(f"{line}  {path}" if path else line, markup=False)


def _format_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
