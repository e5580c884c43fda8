"""The music that a prompt asks for: style, tempo, key, moods, instruments, form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engines.port import Approximation
from engines.studio.model.composition import Motif
from engines.studio.model.form_request import Shape
from engines.studio.model.style import Style


@dataclass(frozen=True, slots=True)
class Length:
    """A length in seconds that was named in passing."""

    seconds: float
    written: str


@dataclass(frozen=True, slots=True)
class MusicRequest:
    """What was asked for; None where nothing was said. ``energy`` is 0 to 1, ``motifs`` those of an earlier track.

    With ``is_alone`` the wanted play and nobody else; with ``is_coloured`` a style that is not of the era takes on its
    sound; ``playing`` are ways of playing (touch.CHANGES) by how they were written.
    """

    style: Style
    tempo: float | None
    pace: float
    tonic: int | None
    mode: str | None
    moods: tuple[str, ...]
    energy: float
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    words_used: tuple[str, ...]
    words_ignored: tuple[str, ...]
    words_approximated: tuple[Approximation, ...] = ()
    tempo_asked: float | None = None
    metre: str | None = None
    era: int | None = None
    shape: Shape = field(default_factory=Shape)
    motifs: Mapping[str, Motif] = field(default_factory=dict)
    is_style_named: bool = False
    is_alone: bool = False
    is_coloured: bool = False
    playing: Mapping[str, str] = field(default_factory=dict)
    length: Length | None = None
