"""The sound of a decade: replacements of drum kits, and an effect for each stem."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.studio.model.style import Part
from engines.studio.orchestration.part_changes import with_effect


@dataclass(frozen=True, slots=True)
class DecadeSound:
    """The sound of a decade: replacements of drum kits, and an effect for each stem."""

    name: str
    kits: Mapping[str, str]
    effects: Mapping[str, str]


OLD_RECORD: Final = DecadeSound("an old record's sound", {}, {"harmony": "dark", "melody": "dark"})
TAPE_WARMTH: Final = DecadeSound("tape warmth", {}, {"harmony": "tape", "melody": "warmth"})
DECADE_SOUNDS: Final[Mapping[int, DecadeSound]] = {
    **dict.fromkeys((1920, 1930, 1940), OLD_RECORD),
    **dict.fromkeys((1950, 1960, 1970), TAPE_WARMTH),
    1980: DecadeSound(
        "gated drums and chorus", {"acoustic_kit": "gated_kit", "metal_kit": "gated_kit"}, {"harmony": "chorus"}
    ),
    1990: DecadeSound("sampled drums", {"acoustic_kit": "boombap_kit"}, {"harmony": "warmth"}),
}


def with_decade_sound(parts: tuple[Part, ...], decade: int | None, included: Sequence[str]) -> tuple[Part, ...]:
    """Give parts the sound of a decade; included instruments are not replaced."""
    decade_sound = DECADE_SOUNDS.get(decade or 0)
    return tuple(_changed_part(part, decade_sound, included) for part in parts) if decade_sound else parts


def _changed_part(part: Part, decade_sound: DecadeSound, included: Sequence[str]) -> Part:
    kit = part.instrument if part.instrument in included else decade_sound.kits.get(part.instrument, part.instrument)
    return with_effect(replace(part, instrument=kit), decade_sound.effects.get(part.stem))
