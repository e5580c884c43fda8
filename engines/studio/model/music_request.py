"""The music that a prompt asks for: style, tempo, key, moods, instruments, form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engines.port import Approximation
from engines.studio.model.composition import Motif
from engines.studio.model.form_request import FormRequest
from engines.studio.model.style import Style


@dataclass(frozen=True, slots=True)
class Length:
    """A length in seconds that was named in passing."""

    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class MusicRequest:
    """What was asked for; None where nothing was said. ``energy`` is 0 to 1, ``motifs`` those of an earlier track.

    With ``is_alone`` the wanted play and nobody else; with ``is_coloured`` a style that is not of the era takes on its
    sound; ``playing`` are ways of playing (touch.CHANGES) by how they were written.
    """

    style: Style
    tempo: float | None
    tempo_lean: float
    tonic: int | None
    mode: str | None
    moods: tuple[str, ...]
    energy: float
    included: tuple[str, ...]
    excluded: tuple[str, ...]
    words_used: tuple[str, ...]
    words_ignored: tuple[str, ...]
    words_approximated: tuple[Approximation, ...] = ()
    requested_tempo: float | None = None
    metre: str | None = None
    era: int | None = None
    form: FormRequest = field(default_factory=FormRequest)
    motifs: Mapping[str, Motif] = field(default_factory=dict)
    is_style_named: bool = False
    is_solo: bool = False
    has_era_sound: bool = False
    articulations: Mapping[str, str] = field(default_factory=dict)
    length: Length | None = None
