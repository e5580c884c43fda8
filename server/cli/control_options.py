"""Options for the explicit musical properties of a request, shared by ``studio prompt`` and ``studio generate``."""

from typing import Annotated

import typer

Texts = list[str] | None
LyricsLanguageOption = Annotated[
    str | None, typer.Option(help="Language of the lyrics, such as de or pt-BR. Default: recognized by the engine.")
]
TempoOption = Annotated[float | None, typer.Option("--tempo-bpm", "--tempo", help="Tempo in BPM.")]
MetreOption = Annotated[str | None, typer.Option(help="Time signature, such as 6/8.")]
MusicalKeyOption = Annotated[
    str | None, typer.Option("--key", "--in-key", help="Musical key, such as C# minor, Bb or Gm.")
]
NegativePromptOption = Annotated[str | None, typer.Option("--negative", "--negative-prompt", help="What to avoid.")]
IncludeOption = Annotated[Texts, typer.Option(help="Instrument that must play. Can be repeated.")]
ExcludeOption = Annotated[Texts, typer.Option(help="Instrument that must not play. Can be repeated.")]
OnlyOption = Annotated[Texts, typer.Option(help="Instrument that plays alone. Can be repeated.")]
StructureOption = Annotated[str | None, typer.Option(help="Sections, such as intro,verse,chorus.")]
IntensityOption = Annotated[float | None, typer.Option(help="Intensity, 0 to 1.")]
DensityOption = Annotated[float | None, typer.Option(help="Density, 0 (sparse) to 1 (busy).")]
BrightnessOption = Annotated[float | None, typer.Option(help="Brightness, 0 (dark) to 1 (bright).")]


def section_names(structure: str | None) -> list[str]:
    """Split the value of ``--structure``."""
    return [name.strip() for name in structure.split(",")] if structure else []


def instruments(include: Texts, exclude: Texts, only: Texts) -> dict[str, list[str]]:
    """Return the input object for the instruments."""
    return {"include": include or [], "exclude": exclude or [], "only": only or []}
