"""Options of ``studio generate`` for music that is made from audio."""

import math
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from music_studio_client import MusicStudio
from music_studio_client.models import (
    LicenceClass,
    RequestField,
    RightsBasis,
    SourceInput,
    SourcePart,
    SourceTask,
    Support,
)

from server.cli import console
from server.cli.console import ExitStatus

Choice = TypeVar("Choice", LicenceClass, RightsBasis, SourcePart, SourceTask)

SourceOption = Annotated[
    str | None,
    typer.Option(help="Audio to make the track from: a file to upload, or the ID of an upload or a track of yours."),
]
TaskOption = Annotated[
    str | None,
    typer.Option(help="What to do with the source, if the engine can: cover, repaint, lego, extract or complete."),
]
RightsOption = Annotated[
    str | None, typer.Option(help="Why you may use the file: own-work, licensed or public-domain.")
]
StatementOption = Annotated[
    str | None, typer.Option("--rights-statement", help="For licensed: which licence, and who granted it.")
]
LicenceOption = Annotated[
    str | None,
    typer.Option(
        "--rights-licence",
        help="For licensed: what it permits for the track: commercial-cleared, commercial-enterprise, personal-only or "
        "unclear. Default: unclear.",
    ),
]
AttributionOption = Annotated[
    str | None, typer.Option("--rights-attribution", help="Text by which uses credit the source, if they must.")
]
StrengthOption = Annotated[float | None, typer.Option(help="For cover: how closely to follow the source, 0 to 1.")]
StartOption = Annotated[float | None, typer.Option("--from", help="For repaint: start of the range in seconds.")]
EndOption = Annotated[float | None, typer.Option("--to", help="For repaint: end of the range in seconds.")]
PartOption = Annotated[
    list[str] | None, typer.Option(help="For lego, extract and complete: vocals, drums, … Can be repeated.")
]


@dataclass(frozen=True, slots=True)
class Rights:
    """The options of a declaration of rights."""

    basis: str | None
    statement: str | None
    licence: str | None
    attribution: str | None


@dataclass(frozen=True, slots=True)
class Task:
    """The options on the use of a source."""

    name: str | None
    strength: float | None
    start_seconds: float | None
    end_seconds: float | None
    parts: list[str]


def prepare(
    studio: MusicStudio, engine: str | None, source: str | None, task: Task, rights: Rights
) -> tuple[SourceInput | None, int]:
    """Return the source of a request and its whole seconds. Upload a file; none and 0 if there is no source."""
    if source is None:
        given = [task.name, task.strength, task.start_seconds, task.end_seconds, rights.basis, *task.parts]
        if any(value is not None for value in given):
            console.fail("--task, --rights and their options need --source.", ExitStatus.USAGE)
        return None, 0
    fields: dict[str, object] = {
        "task": _choose("--task", task.name or "cover", SourceTask),
        "strength": task.strength,
        "startSeconds": task.start_seconds,
        "endSeconds": task.end_seconds,
        "parts": [_choose("--part", part, SourcePart) for part in task.parts] or None,
    }
    if source.startswith("mtrack_"):
        fields["trackId"], seconds = source, studio.tracks.get(source).measured_duration_seconds
    elif source.startswith("mref_"):
        fields["referenceAudioId"], seconds = source, studio.reference_audios.get(source).duration_seconds
    else:
        fields["referenceAudioId"], seconds = _upload(studio, engine, Path(source), rights)
    return SourceInput.model_validate({name: value for name, value in fields.items() if value is not None}), math.ceil(
        seconds or 1
    )


def _check_engine(studio: MusicStudio, key: str | None) -> None:
    """Refuse an engine that makes nothing from audio before a file is uploaded."""
    for engine in studio.account.engines():
        if engine.key == key or (key is None and engine.is_default):
            support = {each.field: each.support for each in engine.capabilities}
            if support.get(RequestField.SOURCE) is Support.UNSUPPORTED:
                console.fail(f"--source: the engine {engine.key} makes no tracks from audio.", ExitStatus.USAGE)


def _upload(studio: MusicStudio, engine: str | None, path: Path, rights: Rights) -> tuple[str, float | None]:
    if not path.is_file():
        console.fail(f"--source: there is no file {path}.", ExitStatus.USAGE)
    if rights.basis is None:
        bases = "own-work, licensed or public-domain"
        console.fail(f"--rights: state why you may use {path.name}: {bases}.", ExitStatus.USAGE)
    basis = _choose("--rights", rights.basis, RightsBasis)
    _check_engine(studio, engine)
    uploaded = studio.reference_audios.upload(
        path,
        basis,
        statement=rights.statement,
        licence_class=_choose("--rights-licence", rights.licence, LicenceClass) if rights.licence else None,
        attribution=rights.attribution,
    )
    return uploaded.id, uploaded.duration_seconds


def _choose(option: str, text: str, enum: type[Choice]) -> Choice:
    """Return the member of an enum for the text of an option, such as OWN_WORK for own-work."""
    name = text.strip().upper().replace("-", "_")
    if name not in enum.__members__:
        console.fail(f"{option}: {text} is not one of {', '.join(map(_as_option, enum))}.", ExitStatus.USAGE)
    return enum[name]


def _as_option(member: Enum) -> str:
    return member.name.lower().replace("_", "-")
