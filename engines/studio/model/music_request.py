"""The music that a prompt requests: style, tempo, key, moods, instruments, form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engines.port import Approximation
from engines.studio.model.composition import Motif
from engines.studio.model.form_request import FormRequest
from engines.studio.model.style import Style


@dataclass(frozen=True, slots=True)
class Length:
    """A length in the prompt, as seconds and as written."""

    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class MusicRequest:
    """Requested properties of a track; None if the prompt does not mention them.

    ``energy`` ranges from 0 to 1; ``motifs`` are those of an earlier track. With ``is_solo`` only the included
    instruments play. With ``has_decade_sound`` a style of another decade gets the sound of ``decade``.
    ``transformations`` maps keys of TRANSFORMATIONS to their wording in the prompt, and ``strengths``
    to a strength from 0 to 1 (1 if it is missing). ``progression`` is the harmony of the main theme in the notation of
    Style.progressions. ``harmony`` is the key of a style whose chords replace those of ``style`` ("disco with jazz
    chords"). ``reduced`` are instruments and stems that play more quietly ("less drums"), ``raised`` those that play
    louder. ``subject`` is what the music is about or for ("my dog's birthday"). ``languages`` are codes. ``intensity``,
    ``density`` and ``brightness`` are explicit values from 0 to 1; 0.5 is the style's own value. ``accidental`` is
    "flat" or "sharp" if the prompt spells the tonic with one. ``notes`` are sentences for the user, ``style_note`` one
    about a style that was chosen because none was named.
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
    decade: int | None = None
    form: FormRequest = field(default_factory=FormRequest)
    motifs: Mapping[str, Motif] = field(default_factory=dict)
    is_style_named: bool = False
    is_solo: bool = False
    has_decade_sound: bool = False
    transformations: Mapping[str, str] = field(default_factory=dict)
    length: Length | None = None
    strengths: Mapping[str, float] = field(default_factory=dict)
    progression: str | None = None
    reduced: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    is_style_exact: bool = False
    subject: str | None = None
    languages: tuple[str, ...] = ()
    intensity: float | None = None
    density: float | None = None
    brightness: float | None = None
    accidental: str | None = None
    notes: tuple[str, ...] = ()
    style_note: str | None = None
    harmony: str | None = None
