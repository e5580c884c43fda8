"""``studio generate``: generate a track on a running server and download it."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from music_studio_client import GenerationEndedError, InvalidInputError, MusicStudio, NotFoundError, TemporaryError
from music_studio_client.graphql.input_types import ExplainPromptInput
from music_studio_client.models import Generation, RequestField, Support, Track

from core.settings import COMMAND
from server.cli import console, output
from server.cli.api_commands import player, progress, sources, tracks
from server.cli.api_commands.api_client import with_client
from server.cli.api_commands.downloads import FormatOption, download_format
from server.cli.console import ExitStatus, err
from server.cli.control_options import (
    BrightnessOption,
    DensityOption,
    ExcludeOption,
    IncludeOption,
    IntensityOption,
    LyricsLanguageOption,
    MetreOption,
    MusicalKeyOption,
    NegativePromptOption,
    OnlyOption,
    StructureOption,
    TempoOption,
    section_names,
)


@with_client
def generate(
    studio: MusicStudio,
    prompt: Annotated[str, typer.Argument(help="Description of the music.")],
    duration: Annotated[int, typer.Option(min=1, help="Length in seconds. Not used with --source.")] = 60,
    target: Annotated[
        Path, typer.Option("--output", "-o", help="File or folder to write. Default: a new file in this folder.")
    ] = Path(),
    file_format: FormatOption = None,
    engine: Annotated[str | None, typer.Option(help="Engine. Default: the server's.")] = None,
    style: Annotated[list[str] | None, typer.Option(help="Style tag. Can be repeated.")] = None,
    title: Annotated[str | None, typer.Option(help="Title. Default: chosen by the engine.")] = None,
    lyrics: Annotated[str | None, typer.Option(help="Lyrics, if the engine sings.")] = None,
    lyrics_language: LyricsLanguageOption = None,
    instrumental: Annotated[bool, typer.Option("--instrumental", help="Without a voice.")] = False,  # noqa: FBT002
    seed: Annotated[int | None, typer.Option(help="Seed: the same request and seed give the same track.")] = None,
    loop: Annotated[bool, typer.Option("--loop", help="End where it begins.")] = False,  # noqa: FBT002
    tempo_bpm: TempoOption = None,
    key: MusicalKeyOption = None,
    metre: MetreOption = None,
    negative_prompt: NegativePromptOption = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    only: OnlyOption = None,
    structure: StructureOption = None,
    intensity: IntensityOption = None,
    density: DensityOption = None,
    brightness: BrightnessOption = None,
    source: sources.SourceOption = None,
    task: sources.TaskOption = None,
    rights: sources.RightsOption = None,
    rights_statement: sources.StatementOption = None,
    rights_licence: sources.LicenceOption = None,
    rights_attribution: sources.AttributionOption = None,
    strength: sources.StrengthOption = None,
    start: sources.StartOption = None,
    end: sources.EndOption = None,
    part: sources.PartOption = None,
    callback: Annotated[
        str | None, typer.Option(help="https URL that receives the end of the generation, as a webhook does.")
    ] = None,
    callback_secret: Annotated[
        str | None,
        typer.Option(envvar="MUSIC_STUDIO_CALLBACK_SECRET", help="Secret to sign it. Default: a new one."),
    ] = None,
    play: Annotated[bool, typer.Option("--play", help="Play the track when it is finished.")] = False,  # noqa: FBT002
) -> None:
    """Generate a track on a running server, show its progress, keep it in the library and download it.

    First it prints which options the engine only approximates or ignores. With --source the track is made from audio
    and is as long. Ctrl-C cancels the generation.
    """
    chosen = download_format(target, file_format)
    request: dict[str, Any] = {
        "title": title,
        "style_tags": style or (),
        "lyrics": lyrics,
        "lyrics_language": lyrics_language,
        "instrumental": instrumental or None,
        "tempo_bpm": tempo_bpm,
        "key": key,
        "metre": metre,
        "negative_prompt": negative_prompt,
        "include": include or (),
        "exclude": exclude or (),
        "only": only or (),
        "structure": section_names(structure),
        "intensity": intensity,
        "density": density,
        "brightness": brightness,
        "seed": seed,
        "loop": loop,
    }
    _print_support(studio, prompt, duration, engine, request)
    started = time.perf_counter()
    audio, source_seconds = sources.prepare(
        studio,
        engine,
        source,
        sources.Task(task, strength, start, end, part or []),
        sources.Rights(rights, rights_statement, rights_licence, rights_attribution),
    )
    with _interrupt_deferred() as is_interrupted:
        generation = studio.generations.create(
            prompt,
            duration_seconds=source_seconds or duration,
            engine=engine,
            **request,
            source=audio,
            save_to_library=True,
            callback_url=callback,
            callback_secret=callback_secret,
        )
    if callback and not callback_secret:
        # before the track is finished: the receiver needs it for the request
        err.print(f"The callback is signed with {generation.callback_secret}", markup=False)
    try:
        if is_interrupted():
            _cancel(studio, generation.id)
        with progress.shown() as update:
            track = studio.generations.wait(generation.id, update)
    except KeyboardInterrupt:
        _cancel(studio, generation.id)
    path = studio.tracks.download(track.id, target, chosen)
    _print_track(track, generation, path, time.perf_counter() - started)
    if play:
        player.play(track.playback_url or str(path))


def _print_support(
    studio: MusicStudio, prompt: str, duration: int, engine: str | None, request: Mapping[str, Any]
) -> None:
    """Print what the engine does with the fields of a request that it does not honour. Nothing is paid yet.

    With ``--json`` nothing is printed: the report of the track has the same.
    """
    if console.prints_json.get():
        return
    instruments = {name: [*request[name]] for name in ("include", "exclude", "only")}
    fields = {name: value for name, value in request.items() if name not in instruments and value not in (None, (), [])}
    quoted = ExplainPromptInput.model_validate({**fields, "prompt": prompt, "instruments": instruments})
    # the mutation reports every problem of an invalid request
    with suppress(InvalidInputError):
        for each in studio.account.quote(duration, engine=engine, request=quoted).field_support:
            # every prompt is approximated; the report has its words
            if each.support is not Support.HONOURED and each.field is not RequestField.PROMPT:
                field = each.field.value.lower().replace("_", " ")
                err.print(f"{field}: {each.support.value.lower()}. {each.note or ''}".rstrip(), markup=False)


@contextmanager
def _interrupt_deferred() -> Iterator[Callable[[], bool]]:
    """Only record Ctrl-C while the request is sent, whose generation could otherwise not be cancelled."""
    signals: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: signals.append(number))
    try:
        yield lambda: bool(signals)
    finally:
        # a shell starts a background process with SIGINT ignored
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _cancel(studio: MusicStudio, generation_id: str) -> NoReturn:
    """Cancel the generation after Ctrl-C and print what became of it."""
    try:
        studio.generations.cancel(generation_id)
        # a running one ends at its next checkpoint
        track = studio.generations.wait(generation_id)
    except GenerationEndedError as ended:
        console.fail(f"{generation_id} is {ended.status}; it costs nothing.", ExitStatus.INTERRUPTED)
    except (NotFoundError, TemporaryError) as error:
        console.fail(f"{generation_id} could not be cancelled: {error}", ExitStatus.INTERRUPTED)
    console.fail(f"the track was finished already: {COMMAND} tracks get {track.id}", ExitStatus.INTERRUPTED)


def _print_track(track: Track, generation: Generation, path: Path, seconds: float) -> None:
    if console.prints_json.get():
        fields = track.model_dump(mode="json", by_alias=True)
        added = {"generationId": generation.id, "costChf": str(generation.cost_chf)}
        output.print_json({**fields, **added, "file": str(path), "tookSeconds": round(seconds, 2)})
        return
    price = "free" if not generation.cost_chf else f"{generation.cost_chf} CHF"
    output.print_properties({**tracks.describe(track), "price": price, "file": path})
    err.print(f"[dim]after {seconds:.1f} s[/]")
