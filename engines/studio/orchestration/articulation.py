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
DUCKING_EFFECTS: Final = frozenset({"pump", "duck", "gate"})
STRUMS: Final = ("X..xo.xo", "X.xo.xox")


@dataclass(frozen=True, slots=True)
class EraSound:
    """The sound of an era: the kits that give way to its own, and an effect for each stem."""

    name: str
    kits: Mapping[str, str] = field(default_factory=dict)
    effects: Mapping[str, str] = field(default_factory=dict)


OLD_RECORD: Final = EraSound("an old record's sound", {}, {"harmony": "dark", "melody": "dark"})
TAPE_WARMTH: Final = EraSound("tape warmth", {}, {"harmony": "tape", "melody": "warmth"})
ERA_SOUNDS: Final[Mapping[int, EraSound]] = {
    1920: OLD_RECORD,
    1930: OLD_RECORD,
    1940: OLD_RECORD,
    1950: TAPE_WARMTH,
    1960: TAPE_WARMTH,
    1970: TAPE_WARMTH,
    1980: EraSound(
        "gated drums and chorus", {"acoustic_kit": "gated_kit", "metal_kit": "gated_kit"}, {"harmony": "chorus"}
    ),
    1990: EraSound("sampled drums", {"acoustic_kit": "boombap_kit"}, {"harmony": "warmth"}),
}


def apply_articulations(parts: tuple[Part, ...], brief: MusicRequest) -> tuple[Part, ...]:
    """The same players as they were asked to sound."""
    colour = ERA_SOUNDS.get(brief.era or 0) if brief.has_era_sound else None
    if colour:
        parts = tuple(_with_era_sound(part, colour, brief.included) for part in parts)
    for name in brief.articulations:
        change = ARTICULATIONS.get(name)
        parts = change(parts) if change else parts
    return parts


def is_audible(name: str, parts: Sequence[Part]) -> bool:
    """Whether a way of playing makes a difference to these parts."""
    stems = {part.stem for part in parts}
    if name in {"half_time", "double_time"}:
        return "drums" in stems
    if name == "sidechained":
        return "drums" in stems and len(stems) > 1
    if name in {"arpeggiated", "strummed", "fingerpicked"}:
        return "harmony" in stems
    return bool(stems - {"drums"}) or name in {"dry", "wet", "swung", "straight"}


def _with_era_sound(part: Part, colour: EraSound, wanted: Sequence[str]) -> Part:
    effect = colour.effects.get(part.stem)
    kit = part.instrument if part.instrument in wanted else colour.kits.get(part.instrument, part.instrument)
    return replace(part, instrument=kit, effects=_append_effect(part.effects, effect))


def _append_effect(effects: tuple[str, ...], effect: str | None) -> tuple[str, ...]:
    return effects if effect is None or effect in effects else (*effects, effect)


def _scale_lengths(share: float) -> Callable[[PartWriter], PartWriter]:
    def change(player: PartWriter) -> PartWriter:
        def play(scene: SectionContext) -> list[Note]:
            notes = player(scene)
            if scene.section.name == LAST_CHORD:
                return notes
            return [replace(note, beats=max(0.1, note.beats * share)) for note in notes]

        return play

    return change


def _half_time(player: PartWriter) -> PartWriter:
    """Every second bar, twice as slow, so that the back-beat comes half as often."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return player(scene)
        start, bar = scene.section.start, scene.metre.bar_length
        slowed = []
        for note in player(scene):
            number, place = divmod(note.start - start, bar)
            if number % 2 == 0:
                slowed.append(replace(note, start=start + number * bar + 2 * place))
        return [note for note in slowed if note.start < scene.section.end]

    return play


def _double_time(player: PartWriter) -> PartWriter:
    """Every bar twice, twice as fast."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return player(scene)
        start, bar = scene.section.start, scene.metre.bar_length
        doubled = []
        for note in player(scene):
            number, place = divmod(note.start - start, bar)
            first = start + number * bar + place / 2
            doubled += [replace(note, start=first), replace(note, start=first + bar / 2)]
        return doubled

    return play


PartsChange = Callable[[tuple[Part, ...]], tuple[Part, ...]]


def _change_writers(change: Callable[[PartWriter], PartWriter], *stems: str) -> PartsChange:
    return lambda parts: tuple(
        replace(part, writer=change(part.writer)) if part.stem in stems else part for part in parts
    )


def _add_effect(effect: str, *stems: str) -> PartsChange:
    return lambda parts: tuple(
        replace(part, effects=_append_effect(part.effects, effect)) if part.stem in stems else part for part in parts
    )


def _replace_harmony_writer(player: PartWriter) -> PartsChange:
    """Gives a way of playing to the first guitar of the harmony, or to its first part."""

    def change(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        able = [part for part in parts if part.stem == "harmony"]
        chosen = next((part for part in able if part.instrument in GUITARS), able[0] if able else None)
        return tuple(replace(part, writer=player) if part is chosen else part for part in parts)

    return change


def _mute(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    if not any(part.instrument in GUITARS | HORNS for part in parts):
        return _add_effect("dark", "harmony", "melody")(parts)
    return tuple(
        replace(part, instrument="muted_guitar", effects=())
        if part.instrument in GUITARS
        else replace(part, effects=_append_effect(part.effects, "mute"))
        if part.instrument in HORNS
        else part
        for part in parts
    )


def _change_sends(reverb: float, more: float, delay: float) -> PartsChange:
    return lambda parts: tuple(
        replace(part, reverb=min(0.9, part.reverb * reverb + more), delay=part.delay * delay) for part in parts
    )


def _add_delay(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(
        replace(part, delay=max(part.delay, 0.4)) if part.stem in {"harmony", "melody"} else part for part in parts
    )


def _add_sidechain(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(
        replace(part, effects=(*part.effects, "pump"))
        if part.stem in {"bass", "harmony", "texture"} and not DUCKING_EFFECTS & set(part.effects)
        else part
        for part in parts
    )


ARTICULATIONS: Final[Mapping[str, PartsChange]] = {
    "staccato": _change_writers(_scale_lengths(0.4), "bass", "harmony", "melody"),
    "legato": _change_writers(_scale_lengths(1.25), "bass", "harmony", "melody"),
    "arpeggiated": _replace_harmony_writer(comping.arpeggio(0.5, order="updown")),
    "strummed": _replace_harmony_writer(comping.stabs(*STRUMS, length=0.9, spread=0.02)),
    "fingerpicked": _replace_harmony_writer(comping.arpeggio(0.5, order="wide", length=2.0)),
    "muted": _mute,
    "sidechained": _add_sidechain,
    "dry": _change_sends(0.2, 0.0, 0.0),
    "wet": _change_sends(1.6, 0.15, 1.0),
    "echoing": _add_delay,
    "half_time": _change_writers(_half_time, "drums"),
    "double_time": _change_writers(_double_time, "drums"),
    "distorted": _add_effect("drive", "harmony", "melody"),
    "tremolo": _add_effect("tremolo", "harmony"),
    "tape": _add_effect("tape", "harmony", "melody"),
}
"""What each way of playing changes; swing is the style's, see intent."""
SWING_RATIOS: Final[Mapping[str, float]] = {"swung": 0.64, "straight": 0.5}
OPPOSITES: Final[Mapping[str, str]] = {"wet": "dry", "echoing": "dry", "staccato": "legato", "swung": "straight"}
"""What is meant where a way of playing is not wanted."""
EXCLUSIVE_GROUPS: Final = ({"staccato", "legato"}, {"dry", "wet"}, {"half_time", "double_time"}, {"swung", "straight"},
                 {"arpeggiated", "strummed", "fingerpicked"}, {"dry", "echoing"})  # fmt: skip
"""Ways of playing that cannot be together."""


def is_conflicting(way: str, others: Container[str]) -> bool:
    """Whether a way of playing contradicts one that was asked for before."""
    return any(way in rivals and any(other in others for other in rivals - {way}) for rivals in EXCLUSIVE_GROUPS)
