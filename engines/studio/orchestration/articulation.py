"""How parts are played and sound where that was asked: short or bound, strummed, muted, dry, in half time, old."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from engines.studio.composing import comping
from engines.studio.model.composition import Note
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.plan import LAST_CHORD
from engines.studio.model.style import Part, PartWriter, SectionContext

GUITARS: Final = frozenset({"nylon_guitar", "steel_guitar", "electric_guitar", "driven_guitar", "muted_guitar"})
HORNS: Final = frozenset({"trumpet", "brass"})
PUMPED: Final = frozenset({"pump", "duck", "gate"})
STRUMS: Final = ("X..xo.xo", "X.xo.xox")


@dataclass(frozen=True, slots=True)
class Colour:
    """The sound of an era: the kits that give way to its own, and an effect for each stem."""

    name: str
    kits: Mapping[str, str] = field(default_factory=dict)
    effects: Mapping[str, str] = field(default_factory=dict)


OLD: Final = Colour("an old record's sound", {}, {"harmony": "dark", "melody": "dark"})
WARM: Final = Colour("tape warmth", {}, {"harmony": "tape", "melody": "warmth"})
COLOURS: Final[Mapping[int, Colour]] = {
    1920: OLD,
    1930: OLD,
    1940: OLD,
    1950: WARM,
    1960: WARM,
    1970: WARM,
    1980: Colour(
        "gated drums and chorus", {"acoustic_kit": "gated_kit", "metal_kit": "gated_kit"}, {"harmony": "chorus"}
    ),
    1990: Colour("sampled drums", {"acoustic_kit": "boombap_kit"}, {"harmony": "warmth"}),
}


def touched(parts: tuple[Part, ...], brief: MusicRequest) -> tuple[Part, ...]:
    """The same players as they were asked to sound."""
    colour = COLOURS.get(brief.era or 0) if brief.has_era_sound else None
    if colour:
        parts = tuple(_coloured(part, colour, brief.included) for part in parts)
    for name in brief.articulations:
        change = CHANGES.get(name)
        parts = change(parts) if change else parts
    return parts


def serves(name: str, parts: Sequence[Part]) -> bool:
    """Whether a way of playing makes a difference to these parts."""
    stems = {part.stem for part in parts}
    if name in {"half_time", "double_time"}:
        return "drums" in stems
    if name == "sidechained":
        return "drums" in stems and len(stems) > 1
    if name in {"arpeggiated", "strummed", "fingerpicked"}:
        return "harmony" in stems
    return bool(stems - {"drums"}) or name in {"dry", "wet", "swung", "straight"}


def _coloured(part: Part, colour: Colour, wanted: Sequence[str]) -> Part:
    effect = colour.effects.get(part.stem)
    kit = part.instrument if part.instrument in wanted else colour.kits.get(part.instrument, part.instrument)
    return replace(part, instrument=kit, effects=_with(part.effects, effect))


def _with(effects: tuple[str, ...], effect: str | None) -> tuple[str, ...]:
    return effects if effect is None or effect in effects else (*effects, effect)


def _lengthened(share: float) -> Callable[[PartWriter], PartWriter]:
    def change(player: PartWriter) -> PartWriter:
        def play(scene: SectionContext) -> list[Note]:
            notes = player(scene)
            if scene.section.name == LAST_CHORD:
                return notes
            return [replace(note, beats=max(0.1, note.beats * share)) for note in notes]

        return play

    return change


def _halved(player: PartWriter) -> PartWriter:
    """Every second bar, twice as slow, so that the back-beat comes half as often."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return player(scene)
        start, bar = scene.section.start, scene.metre.bar
        slowed = []
        for note in player(scene):
            number, place = divmod(note.start - start, bar)
            if number % 2 == 0:
                slowed.append(replace(note, start=start + number * bar + 2 * place))
        return [note for note in slowed if note.start < scene.section.end]

    return play


def _doubled(player: PartWriter) -> PartWriter:
    """Every bar twice, twice as fast."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return player(scene)
        start, bar = scene.section.start, scene.metre.bar
        doubled = []
        for note in player(scene):
            number, place = divmod(note.start - start, bar)
            first = start + number * bar + place / 2
            doubled += [replace(note, start=first), replace(note, start=first + bar / 2)]
        return doubled

    return play


Change = Callable[[tuple[Part, ...]], tuple[Part, ...]]


def _played(change: Callable[[PartWriter], PartWriter], *stems: str) -> Change:
    return lambda parts: tuple(
        replace(part, writer=change(part.writer)) if part.stem in stems else part for part in parts
    )


def _treated(effect: str, *stems: str) -> Change:
    return lambda parts: tuple(
        replace(part, effects=_with(part.effects, effect)) if part.stem in stems else part for part in parts
    )


def _handed(player: PartWriter) -> Change:
    """Gives a way of playing to the first guitar of the harmony, or to its first part."""

    def change(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        able = [part for part in parts if part.stem == "harmony"]
        chosen = next((part for part in able if part.instrument in GUITARS), able[0] if able else None)
        return tuple(replace(part, writer=player) if part is chosen else part for part in parts)

    return change


def _muted(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    if not any(part.instrument in GUITARS | HORNS for part in parts):
        return _treated("dark", "harmony", "melody")(parts)
    return tuple(
        replace(part, instrument="muted_guitar", effects=())
        if part.instrument in GUITARS
        else replace(part, effects=_with(part.effects, "mute"))
        if part.instrument in HORNS
        else part
        for part in parts
    )


def _roomed(reverb: float, more: float, delay: float) -> Change:
    return lambda parts: tuple(
        replace(part, reverb=min(0.9, part.reverb * reverb + more), delay=part.delay * delay) for part in parts
    )


def _echoing(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(
        replace(part, delay=max(part.delay, 0.4)) if part.stem in {"harmony", "melody"} else part for part in parts
    )


def _pumped(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(
        replace(part, effects=(*part.effects, "pump"))
        if part.stem in {"bass", "harmony", "texture"} and not PUMPED & set(part.effects)
        else part
        for part in parts
    )


CHANGES: Final[Mapping[str, Change]] = {
    "staccato": _played(_lengthened(0.4), "bass", "harmony", "melody"),
    "legato": _played(_lengthened(1.25), "bass", "harmony", "melody"),
    "arpeggiated": _handed(comping.arpeggio(0.5, order="updown")),
    "strummed": _handed(comping.stabs(*STRUMS, length=0.9, spread=0.02)),
    "fingerpicked": _handed(comping.arpeggio(0.5, order="wide", length=2.0)),
    "muted": _muted,
    "sidechained": _pumped,
    "dry": _roomed(0.2, 0.0, 0.0),
    "wet": _roomed(1.6, 0.15, 1.0),
    "echoing": _echoing,
    "half_time": _played(_halved, "drums"),
    "double_time": _played(_doubled, "drums"),
    "distorted": _treated("drive", "harmony", "melody"),
    "tremolo": _treated("tremolo", "harmony"),
    "tape": _treated("tape", "harmony", "melody"),
}
"""What each way of playing changes; swing is the style's, see intent."""
SWINGS: Final[Mapping[str, float]] = {"swung": 0.64, "straight": 0.5}
OPPOSITES: Final[Mapping[str, str]] = {"wet": "dry", "echoing": "dry", "staccato": "legato", "swung": "straight"}
"""What is meant where a way of playing is not wanted."""
RIVALS: Final = ({"staccato", "legato"}, {"dry", "wet"}, {"half_time", "double_time"}, {"swung", "straight"},
                 {"arpeggiated", "strummed", "fingerpicked"}, {"dry", "echoing"})  # fmt: skip
"""Ways of playing that cannot be together."""


def is_against(way: str, others: Container[str]) -> bool:
    """Whether a way of playing contradicts one that was asked for before."""
    return any(way in rivals and any(other in others for other in rivals - {way}) for rivals in RIVALS)
