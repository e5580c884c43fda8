"""The sound of an era: replacements of drum kits, and an effect for each stem."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.studio.model.style import Part
from engines.studio.orchestration.part_changes import with_effect


@dataclass(frozen=True, slots=True)
class EraSound:
    """The sound of an era: replacements of drum kits, and an effect for each stem."""

    name: str
    kits: Mapping[str, str]
    effects: Mapping[str, str]


OLD_RECORD: Final = EraSound("an old record's sound", {}, {"harmony": "dark", "melody": "dark"})
TAPE_WARMTH: Final = EraSound("tape warmth", {}, {"harmony": "tape", "melody": "warmth"})
ERA_SOUNDS: Final[Mapping[int, EraSound]] = {
    **dict.fromkeys((1920, 1930, 1940), OLD_RECORD),
    **dict.fromkeys((1950, 1960, 1970), TAPE_WARMTH),
    1980: EraSound(
        "gated drums and chorus", {"acoustic_kit": "gated_kit", "metal_kit": "gated_kit"}, {"harmony": "chorus"}
    ),
    1990: EraSound("sampled drums", {"acoustic_kit": "boombap_kit"}, {"harmony": "warmth"}),
}


def with_era_sound(parts: tuple[Part, ...], era: int | None, included: Sequence[str]) -> tuple[Part, ...]:
    """Give parts the sound of an era; included instruments are not replaced."""
    era_sound = ERA_SOUNDS.get(era or 0)
    return tuple(_changed_part(part, era_sound, included) for part in parts) if era_sound else parts


def _changed_part(part: Part, era_sound: EraSound, included: Sequence[str]) -> Part:
    kit = part.instrument if part.instrument in included else era_sound.kits.get(part.instrument, part.instrument)
    return with_effect(replace(part, instrument=kit), era_sound.effects.get(part.stem))
