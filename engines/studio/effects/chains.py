"""Insert effects by name, and the effect chains of channels."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from engines.studio.effects.amps import amplifier
from engines.studio.effects.base_effects import (
    Effect,
    Equaliser,
    Playhead,
    bell,
    cut,
    high_shelf,
    saturation,
    sidechain_ducking,
    stereo_width,
    tremolo,
)
from engines.studio.effects.reverb_delay import Chorus

INSERT_EFFECTS: Final[Mapping[str, Callable[[Playhead], tuple[Effect, ...]]]] = {
    "chorus": lambda playhead: (Chorus(playhead),),
    "ensemble": lambda playhead: (Chorus(playhead, 0.35, 3.0, 0.5),),
    "wobble": lambda playhead: (Chorus(playhead, 0.8, 1.2, 0.55), Equaliser(cut(5200.0, "lowpass"))),
    "dark": lambda _: (Equaliser(cut(2600.0, "lowpass")),),
    "mellow": lambda _: (Equaliser(high_shelf(3000.0, -5.0)),),
    "bright": lambda _: (Equaliser(high_shelf(5000.0, 4.0)),),
    "air": lambda _: (Equaliser(high_shelf(8000.0, 6.0)),),
    "body": lambda _: (Equaliser(bell(220.0, 3.0)),),
    "presence": lambda _: (Equaliser(bell(2600.0, 4.0, 0.9)),),
    "scoop": lambda _: (Equaliser(bell(450.0, -4.0, 0.8)),),
    "drive": lambda _: (saturation(2.2),),
    "warmth": lambda _: (saturation(1.3),),
    "tape": lambda _: (saturation(1.6), Equaliser(cut(9000.0, "lowpass"), bell(110.0, 1.5))),
    "crunch": lambda _: (amplifier(7.0, 120.0), Equaliser(high_shelf(3000.0, 2.0))),
    "amp": lambda _: (amplifier(26.0, 110.0), Equaliser(high_shelf(2500.0, -1.0))),
    "metal": lambda _: (amplifier(70.0, 160.0, 0.08), Equaliser(bell(650.0, -4.0), high_shelf(2500.0, 0.5))),
    "twang": lambda _: (amplifier(3.0, 100.0), Equaliser(high_shelf(2500.0, 3.0))),
    "fiddle": lambda _: (Equaliser(bell(290.0, 2.5, 2.0), bell(520.0, 2.0, 2.0), bell(2800.0, 3.5, 1.0)),),
    "cello": lambda _: (Equaliser(bell(190.0, 2.5, 1.5), bell(420.0, 2.0, 2.0), bell(2000.0, 3.0, 1.0)),),
    "soloist": lambda _: (stereo_width(200.0, 0.25), Equaliser(bell(2600.0, 4.0, 0.9))),
    "mute": lambda _: (Equaliser(cut(420.0), bell(1700.0, 8.0, 1.6), cut(6500.0, "lowpass")),),
    "sampler": lambda _: (saturation(2.4), Equaliser(bell(90.0, 2.5), bell(3500.0, 2.0), cut(11_000.0, "lowpass"))),
}
DUCKING_EFFECTS: Final[Mapping[str, tuple[float, float]]] = {
    "pump": (0.62, 0.75),
    "duck": (0.35, 0.5),
    "gate": (0.8, 0.5),
}
"""Depth (0 to 1) and recovery in beats after each kick."""
TREMOLO_EFFECTS: Final[Mapping[str, tuple[float, float, bool]]] = {
    "suitcase": (0.5, 0.28, True),
    "tremolo": (2.0, 0.35, False),
}
"""Cycles per beat, depth, and whether the tremolo pans between the channels."""


def build_chain(
    names: Sequence[str], low_cut: float, kicks: Sequence[float], beat: float, playhead: Playhead
) -> tuple[Effect, ...]:
    """Create a low cut (in hertz), followed by the named effects. Kick times and the beat are in seconds."""
    chain: list[Effect] = [Equaliser(cut(low_cut))]
    for effect in (effect for name in names for effect in _create_effects(name, kicks, beat, playhead)):
        last = chain[-1]
        if isinstance(last, Equaliser) and isinstance(effect, Equaliser):
            chain[-1] = last.followed_by(effect)
        else:
            chain.append(effect)
    return tuple(chain)


def _create_effects(name: str, kicks: Sequence[float], beat: float, playhead: Playhead) -> tuple[Effect, ...]:
    if name in DUCKING_EFFECTS:
        depth, beats = DUCKING_EFFECTS[name]
        return (sidechain_ducking(kicks, depth, beat * beats, playhead),)
    if name in TREMOLO_EFFECTS:
        cycles, depth, pan = TREMOLO_EFFECTS[name]
        return (tremolo(cycles / beat, depth, playhead, pan=pan),)
    return INSERT_EFFECTS[name](playhead)
