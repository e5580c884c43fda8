"""``python -m benchmarks.music instruments``: dry tones of every pitched instrument beside earlier and sampled ones."""

import math
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.music.audio import Reals
from benchmarks.music.metrics import tone_metrics
from benchmarks.music.tables import Table, number
from engines.studio import random_streams
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.oscillators import pitch_to_hz
from engines.studio.instruments.textures import TEXTURES

SAMPLED: Final = Path(__file__).with_name("tones.toml")
EARLIER: Final = Path(__file__).with_name("earlier_tones.toml")
SECONDS: Final = 2.5
VELOCITY: Final = 0.75
MIDDLE_C: Final = 60
SAME: Final = 0.01
"""Relative and absolute difference of figures that count as unchanged."""
COLUMNS: Final[Mapping[str, str]] = {
    "high": "above 5 kHz at 0.8 s, dB",
    "fluctuation": "partials' fluctuation, dB",
    "noise": "noise between partials, dB",
    "attack": "attack, ms",
    "centroid": "centroid at 50 ms, Hz",
    "early_decay": "early decay, s",
    "late_decay": "late decay, s",
    "level": "level, dBFS",
}


def middle_pitch(instrument: Instrument) -> int:
    """Return middle C, or the pitch of the range that is next to it, but no higher than the middle of the range."""
    middle = (instrument.lowest_pitch + instrument.highest_pitch) // 2
    return min(max(MIDDLE_C, instrument.lowest_pitch), middle)


def tone(instrument: Instrument, velocity: float = VELOCITY) -> Reals:
    """Return a dry tone in mono, shape (frames,), padded with silence to 2.5 s."""
    rng = random_streams.stream(0, instrument.key)
    sound = instrument.tone(middle_pitch(instrument), velocity, min(SECONDS, instrument.max_seconds), rng).mean(axis=0)
    return np.pad(sound.astype(np.float64), (0, max(0, round(SECONDS * 44_100) - len(sound))))


def pitched_instruments(key: str = "") -> Iterator[Instrument]:
    """Yield the instruments with a pitch whose key contains ``key``."""
    for instrument in CATALOGUE.values():
        if key in instrument.key and not instrument.is_kit and instrument not in TEXTURES:
            yield instrument


def measure(instrument: Instrument) -> dict[str, float]:
    return tone_metrics.measure(tone(instrument), pitch_to_hz(middle_pitch(instrument)))


def instrument_table(key: str = "") -> Table:
    """Measure the tones of the instruments whose key contains ``key``, beside earlier ones and sampled ones."""
    earlier, sampled = _read(EARLIER), _read(SAMPLED)
    rows = []
    for instrument in pitched_instruments(key):
        own, before, other = measure(instrument), earlier.get(instrument.key, {}), sampled.get(instrument.key, {})
        rows.append((instrument.key, *(_cell(own[name], before.get(name), other.get(name)) for name in COLUMNS)))
    note = (
        f"Dry tones at velocity {VELOCITY:g}: engine 1.3 → this version (the same note of a sampled instrument, "
        "FluidR3 GM); unchanged figures appear once. Decays are by 60 dB, 99 s at most."
    )
    return Table("Instruments", note, ("instrument", *COLUMNS.values()), tuple(rows))


def _read(path: Path) -> dict[str, dict[str, float]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _cell(own: float, before: float | None, sampled: float | None) -> str:
    if before is None or math.isclose(own, before, rel_tol=SAME, abs_tol=SAME):
        change = number(own)
    else:
        change = f"{number(before)} → {number(own)}"
    return change + ("" if sampled is None else f" ({number(sampled)})")
