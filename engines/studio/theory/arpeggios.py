"""Arpeggios: note orders and step masks."""

from typing import Final

EVERY_STEP: Final = "x" * 16
STEP_MASKS: Final = ("xxxxxxx.xxxxxx.x", "x.xxxxxxx.xxxxxx", "xxx.xx.xxxx.xx.x", "xx.xxx.xx.xxx.xx", "x.xx.xx.xxx.xx.x")
"""The steps of an arpeggio that sound. An arpeggio with rests sounds syncopated, one without them mechanical."""
GATE_MASKS: Final = ("x..x..x...x..x.x", "x..x..x.x..x..x.", "x.x..x.x..x..xx.", "x..xx..x..x.x.x.")
"""The steps of a gated arpeggio: groups of three against four, with rests that a delay effect fills."""


def _up(voicing: tuple[int, ...]) -> tuple[int, ...]:
    return (*voicing, voicing[0] + 12)


def _up_down(voicing: tuple[int, ...]) -> tuple[int, ...]:
    ascending = _up(voicing)
    return (*ascending, *ascending[-2:0:-1])


def _broken(voicing: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(voicing[index] for index in (0, len(voicing) - 1, len(voicing) // 2, len(voicing) - 1))


def _wide(voicing: tuple[int, ...]) -> tuple[int, ...]:
    low, high = voicing[0] - 12, voicing[-1]
    return (low, voicing[0], voicing[1], high, voicing[1] + 12, high, voicing[1], voicing[0])


NOTE_ORDERS: Final = {
    "up": _up,
    "down": lambda voicing: _up(voicing)[::-1],
    "updown": _up_down,
    "broken": _broken,
    "wide": _wide,
}
