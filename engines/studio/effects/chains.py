"""The insert effects that a part may name, and the chain they make."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from engines.studio.effects.amps import amplifier
from engines.studio.effects.base_effects import Effect, Equaliser, cut, drive, peak, pump, shelf, tremolo
from engines.studio.effects.reverb_delay import Chorus

PLAIN: Final[Mapping[str, Callable[[], tuple[Effect, ...]]]] = {
    "chorus": lambda: (Chorus(),),
    "ensemble": lambda: (Chorus(0.35, 3.0, 0.5),),
    "wobble": lambda: (Chorus(0.8, 1.2, 0.55), Equaliser(cut(5200.0, "lowpass"))),
    "dark": lambda: (Equaliser(cut(2600.0, "lowpass")),),
    "mellow": lambda: (Equaliser(shelf(3000.0, -5.0)),),
    "bright": lambda: (Equaliser(shelf(5000.0, 4.0)),),
    "air": lambda: (Equaliser(shelf(8000.0, 6.0)),),
    "body": lambda: (Equaliser(peak(220.0, 3.0)),),
    "presence": lambda: (Equaliser(peak(2600.0, 4.0, 0.9)),),
    "scoop": lambda: (Equaliser(peak(450.0, -4.0, 0.8)),),
    "drive": lambda: (drive(2.2),),
    "warmth": lambda: (drive(1.3),),
    "tape": lambda: (drive(1.6), Equaliser(cut(9000.0, "lowpass"), peak(110.0, 1.5))),
    "crunch": lambda: (amplifier(7.0, 120.0), Equaliser(shelf(3000.0, 2.0))),
    "amp": lambda: (amplifier(26.0, 110.0), Equaliser(shelf(2500.0, -1.0))),
    "metal": lambda: (amplifier(70.0, 160.0, 0.08), Equaliser(peak(650.0, -4.0), shelf(2500.0, 0.5))),
    "twang": lambda: (amplifier(3.0, 100.0), Equaliser(shelf(2500.0, 3.0))),
    "fiddle": lambda: (Equaliser(peak(290.0, 2.5, 2.0), peak(520.0, 2.0, 2.0), peak(2800.0, 3.5, 1.0)),),
    "cello": lambda: (Equaliser(peak(190.0, 2.5, 1.5), peak(420.0, 2.0, 2.0), peak(2000.0, 3.0, 1.0)),),
    "mute": lambda: (Equaliser(cut(420.0), peak(1700.0, 8.0, 1.6), cut(6500.0, "lowpass")),),
    "sampler": lambda: (drive(2.4), Equaliser(peak(90.0, 2.5), peak(3500.0, 2.0), cut(11_000.0, "lowpass"))),
}
PUMPS: Final[Mapping[str, tuple[float, float]]] = {"pump": (0.62, 0.75), "duck": (0.35, 0.5), "gate": (0.8, 0.5)}
"""How deep (0 to 1) and for how many beats an effect ducks after each kick."""
WAVES: Final[Mapping[str, tuple[float, float, bool]]] = {"suitcase": (0.5, 0.28, True), "tremolo": (2.0, 0.35, False)}
"""Waves per beat, depth, and whether the wave moves from side to side."""


def chain(names: Sequence[str], low_cut: float, kicks: Sequence[float], beat: float) -> tuple[Effect, ...]:
    """A low cut at ``low_cut`` hertz, then the named effects in order; kick times and the beat in seconds."""
    made = [effect for name in names for effect in _named(name, kicks, beat)]
    return (Equaliser(cut(low_cut)), *made)


def _named(name: str, kicks: Sequence[float], beat: float) -> tuple[Effect, ...]:
    if name in PUMPS:
        depth, beats = PUMPS[name]
        return (pump(kicks, depth, beat * beats),)
    if name in WAVES:
        waves, depth, pan = WAVES[name]
        return (tremolo(waves / beat, depth, pan=pan),)
    return PLAIN[name]()
