"""The named transformations: what each changes with a strength from 0 to 1, and how the report describes it.

TRANSFORMATIONS is the one registry: the prompt reader, the languages and the controls use its keys.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from engines.studio.composing import comping
from engines.studio.model.mix_settings import Band
from engines.studio.model.style import Style
from engines.studio.orchestration import note_changes, part_changes
from engines.studio.orchestration.mix_changes import (
    MixChange,
    between,
    both,
    cutoff,
    describe_loudness,
    dynamics,
    equalise,
    kilohertz,
    larger_room,
    long_drum_reverb,
    loudness,
    smaller_room,
    width,
)
from engines.studio.orchestration.note_changes import NotesChange
from engines.studio.orchestration.part_changes import PITCHED, PartsChange, change_notes, change_parts

STRUMS: Final = ("X..xo.xo", "X.xo.xox")
SWING_RATIOS: Final[Mapping[str, float]] = {"swung": 0.64, "straight": 0.5}
QUIET_LUFS, WHISPER_LUFS, LOUD_LUFS, MAXIMAL_LUFS = -17.0, -18.0, -12.7, -12.0
"""The loudness of a master at full strength."""
DYNAMIC_LUFS, COMPRESSED_LUFS = -16.0, -13.6
"""Dynamics need headroom: the peaks of a quieter master are not limited."""

StyleChange = Callable[[Style, float], Style]
Description = str | Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Transformation:
    """A named transformation.

    ``description`` says what was done, as a fragment of a sentence, if necessary by strength. ``opposite`` applies if a
    request excludes this transformation. It is audible only with parts of one of ``stems``, if there are any.
    """

    description: Description
    opposite: str | None = None
    parts: PartsChange | None = None
    mix: MixChange | None = None
    style: StyleChange | None = None
    stems: tuple[str, ...] = ()

    def describe(self, strength: float) -> str:
        return self.description if isinstance(self.description, str) else self.description(strength)


def _swing(name: str) -> StyleChange:
    return lambda style, strength: replace(style, swing=between(style.swing, SWING_RATIOS[name], strength))


def _percent(words: str, share: float) -> Callable[[float], str]:
    return lambda strength: words.format(round(100 * share * strength))


def _thin(harmony: float, drums: float, bass: float, melody: float) -> PartsChange:
    """Leave out these shares of the notes of each stem."""

    def scaled(change: NotesChange, share: float) -> NotesChange:
        return lambda notes, context, strength: change(notes, context, share * strength)

    return part_changes.in_sequence(
        change_notes(scaled(note_changes.thin_notes, harmony), "harmony", "texture"),
        change_notes(scaled(note_changes.thin_drums, drums), "drums"),
        change_notes(scaled(note_changes.thin_notes, bass), "bass"),
        change_notes(scaled(note_changes.thin_notes, melody), "melody"),
    )


_velocities = note_changes.scale_velocities
TRANSFORMATIONS: Final[Mapping[str, Transformation]] = {
    # articulation and rhythm
    "staccato": Transformation(
        "notes shortened to 0.4 of their length", "legato", change_notes(note_changes.scale_lengths(0.4), *PITCHED),
        stems=PITCHED,
    ),
    "legato": Transformation(
        "notes lengthened to 1.25 of their length", "staccato",
        change_notes(note_changes.scale_lengths(1.25), *PITCHED), stems=PITCHED,
    ),
    "arpeggiated": Transformation(
        "the harmony plays arpeggios",
        parts=part_changes.replace_harmony_writer(comping.arpeggio(0.5, order="updown")), stems=("harmony",),
    ),
    "strummed": Transformation(
        "the harmony is strummed",
        parts=part_changes.replace_harmony_writer(comping.stabs(*STRUMS, length=0.9, spread=0.02)), stems=("harmony",),
    ),
    "fingerpicked": Transformation(
        "the harmony plays picked patterns",
        parts=part_changes.replace_harmony_writer(comping.arpeggio(0.5, order="wide", length=2.0)), stems=("harmony",),
    ),
    "muted": Transformation("guitars and horns muted", parts=part_changes.mute, stems=("harmony", "melody")),
    "sidechained": Transformation(
        "bass, harmony and textures duck under the kick drum",
        parts=change_parts(part_changes.add_sidechain, "bass", "harmony", "texture"), stems=("drums",),
    ),
    "half_time": Transformation(
        "drums at half speed", parts=change_notes(note_changes.half_time, "drums"), stems=("drums",)
    ),
    "double_time": Transformation(
        "drums at double speed", parts=change_notes(note_changes.double_time, "drums"), stems=("drums",)
    ),
    "swung": Transformation("off-beats late", "straight", style=_swing("swung")),
    "straight": Transformation("even off-beats", "swung", style=_swing("straight")),
    # effects
    "distorted": Transformation(
        "harmony and melody overdriven", "undistorted", parts=part_changes.add_effect("drive", "harmony", "melody"),
        stems=("harmony", "melody"),
    ),
    "undistorted": Transformation(
        "no overdrive: clean guitars", "distorted", change_parts(part_changes.remove_distortion),
        stems=("harmony", "melody"),
    ),
    "tremolo": Transformation(
        "tremolo on the harmony", parts=part_changes.add_effect("tremolo", "harmony"), stems=("harmony",)
    ),
    "tape": Transformation(
        "tape saturation on harmony and melody", parts=part_changes.add_effect("tape", "harmony", "melody"),
        stems=("harmony", "melody"),
    ),
    # tone
    "bright": Transformation(
        lambda strength: f"highs raised by {8 * strength:.2g} dB above 2.5 kHz", "dark",
        mix=equalise(Band("high_shelf", 2500.0, 8.0), Band("low_shelf", 150.0, -2.0)),
    ),
    "dark": Transformation(
        lambda strength: f"highs rolled off above {kilohertz(cutoff(2400.0, strength))}", "bright",
        mix=equalise(Band("low_pass", 2400.0, 1.0), Band("high_shelf", 2500.0, -5.0)),
    ),
    "crisp": Transformation(
        lambda strength: f"attacks and highs raised by {7 * strength:.2g} dB above 4 kHz, lows cut", "muffled",
        mix=equalise(Band("high_shelf", 4000.0, 7.0), Band("bell", 3000.0, 2.5), Band("low_shelf", 200.0, -3.0)),
    ),
    "muffled": Transformation(
        lambda strength: f"only the range below {kilohertz(cutoff(900.0, strength))} left", "crisp",
        mix=equalise(Band("low_pass", 900.0, 2.0)),
    ),
    "warm": Transformation(
        lambda strength: f"low mids raised by {3.5 * strength:.2g} dB, highs lowered by {4 * strength:.2g} dB", "crisp",
        mix=equalise(Band("bell", 230.0, 3.5), Band("high_shelf", 3500.0, -4.0)),
    ),
    "radio": Transformation(
        "only the range of a small loudspeaker left, 300 Hz to 3.4 kHz, in mono", "crisp",
        mix=both(equalise(Band("high_pass", 300.0, 2.0), Band("low_pass", 3400.0, 2.0), Band("bell", 1500.0, 3.0)),
                  width(0.0)),
    ),
    "airy": Transformation(
        lambda strength: f"air raised by {9 * strength:.2g} dB above 8 kHz, lows lowered", "muffled",
        mix=equalise(Band("high_shelf", 7500.0, 9.0), Band("low_shelf", 250.0, -4.0)),
    ),
    # register
    "low_register": Transformation(
        "melody and harmony an octave lower", "high_register", part_changes.transpose(-12),
        equalise(Band("high_shelf", 3000.0, -2.0)), stems=("harmony", "melody"),
    ),
    "high_register": Transformation(
        "melody and harmony an octave higher", "low_register", part_changes.transpose(12),
        equalise(Band("low_shelf", 200.0, -2.5)), stems=("harmony", "melody"),
    ),
    # space
    "dry": Transformation(
        _percent("reverb lowered by {} %, no echo", 0.9), "wet", part_changes.change_sends(0.1, 0.0, 0.0),
        style=smaller_room,
    ),
    "wet": Transformation("more reverb", "dry", part_changes.change_sends(1.6, 0.15, 1.0)),
    "echoing": Transformation(
        "echoes on harmony and melody", "dry", change_parts(part_changes.add_echo, "harmony", "melody"),
        stems=("harmony", "melody"),
    ),
    "huge_hall": Transformation(
        "a large hall: reverb of 4 s or more on every part", "dry", part_changes.change_sends(1.8, 0.3, 1.0),
        long_drum_reverb, larger_room,
    ),
    "wide": Transformation(
        lambda strength: f"difference between the channels raised by {5 * strength:.2g} dB", "narrow",
        change_parts(part_changes.spread_pan, "harmony", "melody", "texture"), width(1.75),
    ),
    "narrow": Transformation(_percent("stereo width lowered by {} %", 0.7), "wide", mix=width(0.3)),
    "mono": Transformation(_percent("stereo width lowered by {} %", 1.0), "wide", mix=width(0.0)),
    # dynamics
    "quiet": Transformation(
        partial(describe_loudness, QUIET_LUFS), "loud", change_notes(_velocities(0.75)), loudness(QUIET_LUFS)
    ),
    "loud": Transformation(
        partial(describe_loudness, LOUD_LUFS), "quiet", change_notes(_velocities(1.2)), loudness(LOUD_LUFS)
    ),
    "whisper": Transformation(
        partial(describe_loudness, WHISPER_LUFS), "loud", change_notes(_velocities(0.6)), loudness(WHISPER_LUFS)
    ),
    "maximal": Transformation(
        partial(describe_loudness, MAXIMAL_LUFS), "quiet", change_notes(_velocities(1.25)),
        both(loudness(MAXIMAL_LUFS), dynamics(MAXIMAL_LUFS, 1.5, (1.0, 3.0))),
    ),
    "compressed": Transformation(
        lambda strength: f"compressed: loudness range at most {between(4.6, 1.2, strength):.1f} LU", "dynamic",
        mix=dynamics(COMPRESSED_LUFS, 3.0, (0.2, 1.2)),
    ),
    "dynamic": Transformation(
        lambda strength: f"hardly compressed: loudness range up to {between(4.6, 9.0, strength):.1f} LU", "compressed",
        mix=dynamics(DYNAMIC_LUFS, 0.1, (6.5, 9.0)),
    ),
    # density
    "sparse": Transformation(
        _percent("{} % of the notes of the accompaniment left out, one part for each stem", 0.55), "busy",
        part_changes.in_sequence(part_changes.keep_principal_parts, _thin(0.55, 0.7, 0.4, 0.3)),
    ),
    "minimal": Transformation(
        _percent("one part for each stem, {} % of the notes of the accompaniment left out", 0.4), "busy",
        part_changes.in_sequence(part_changes.keep_principal_parts, _thin(0.4, 0.55, 0.3, 0.2)),
    ),
    "busy": Transformation(
        _percent("{} % of the notes of the accompaniment doubled, sixteenths on the hi-hat", 0.8), "sparse",
        part_changes.in_sequence(
            part_changes.play_early,
            change_notes(note_changes.add_notes, "bass", "harmony"),
            change_notes(note_changes.add_hats, "drums"),
        ),
    ),
}  # fmt: skip
OPPOSITES: Final[Mapping[str, str]] = {
    name: change.opposite for name, change in TRANSFORMATIONS.items() if change.opposite is not None
}
"""The transformations that apply if a request excludes their opposite."""
EXCLUSIVE_GROUPS: Final = (
    {"staccato", "legato"}, {"half_time", "double_time"}, {"swung", "straight"},
    {"arpeggiated", "strummed", "fingerpicked"},
    {"dry", "wet"}, {"dry", "huge_hall"}, {"dry", "echoing"}, {"wide", "narrow", "mono"},
    {"bright", "dark"}, {"bright", "muffled"}, {"crisp", "dark"}, {"crisp", "muffled"}, {"airy", "muffled"},
    {"radio", "bright"}, {"radio", "airy"}, {"radio", "crisp"}, {"radio", "wide"},
    {"low_register", "high_register"}, {"distorted", "undistorted"},
    {"quiet", "loud", "maximal"}, {"whisper", "loud", "maximal"},
    {"compressed", "dynamic"}, {"maximal", "dynamic"}, {"sparse", "busy"}, {"minimal", "busy"},
)  # fmt: skip
"""Transformations that exclude each other."""
STRONGER: Final[Mapping[str, str]] = {"narrow": "mono"}
WEAKER: Final[Mapping[str, str]] = {stronger: name for name, stronger in STRONGER.items()}
"""Transformations of which the stronger one replaces the weaker: "narrow, mono"."""
