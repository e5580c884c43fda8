"""Changes of the mix, the master and the room of a style. Each takes a strength from 0 (unchanged) to 1."""

from collections.abc import Callable
from dataclasses import replace

from engines.studio.model.mix_settings import DEFAULT_LUFS, Band, MixSettings
from engines.studio.model.style import Style

MixChange = Callable[[MixSettings, float], MixSettings]


def between(default: float, value: float, strength: float) -> float:
    return default + (value - default) * strength


def equalise(*bands: Band) -> MixChange:
    """Add bands whose gains grow with the strength; cuts move towards their frequency."""

    def change(settings: MixSettings, strength: float) -> MixSettings:
        scaled = tuple(_scaled(band, strength) for band in bands)
        return replace(settings, bands=(*settings.bands, *scaled))

    return change


def _scaled(band: Band, strength: float) -> Band:
    if band.kind == "low_pass":
        return replace(band, hertz=cutoff(band.hertz, strength))
    if band.kind == "high_pass":
        return replace(band, hertz=30.0 * (band.hertz / 30.0) ** strength)
    return replace(band, amount=band.amount * strength)


def cutoff(hertz: float, strength: float) -> float:
    """Return the cut-off frequency between 16 kHz and ``hertz``, on a logarithmic scale."""
    return float(16_000.0 * (hertz / 16_000.0) ** strength)


def kilohertz(hertz: float) -> str:
    return f"{hertz / 1000:.2g} kHz"


def loudness(lufs: float) -> MixChange:
    def change(settings: MixSettings, strength: float) -> MixSettings:
        return replace(settings, loudness_lufs=round(between(DEFAULT_LUFS, lufs, strength), 1))

    return change


def describe_loudness(lufs: float, strength: float) -> str:
    return f"loudness target {between(DEFAULT_LUFS, lufs, strength):.1f} LUFS".replace("-", "−")  # noqa: RUF001  minus


def width(factor: float) -> MixChange:
    return lambda settings, strength: replace(settings, width=settings.width * between(1.0, factor, strength))


def dynamics(lufs: float, compression: float, range_lu: tuple[float, float]) -> MixChange:
    def change(settings: MixSettings, strength: float) -> MixSettings:
        low, high = settings.loudness_range_lu
        return replace(
            settings,
            loudness_lufs=round(between(settings.loudness_lufs, lufs, strength), 1),
            compression=settings.compression * between(1.0, compression, strength),
            loudness_range_lu=(between(low, range_lu[0], strength), between(high, range_lu[1], strength)),
        )

    return change


def both(first: MixChange, second: MixChange) -> MixChange:
    return lambda settings, strength: second(first(settings, strength), strength)


def larger_room(style: Style, strength: float) -> Style:
    seconds, hertz = style.reverb
    return replace(style, reverb=(between(seconds, max(4.2, 1.8 * seconds), strength), max(5000.0, hertz)))


def long_drum_reverb(settings: MixSettings, strength: float) -> MixSettings:
    return replace(settings, drum_reverb_seconds=between(settings.drum_reverb_seconds, 2.4, strength))


def smaller_room(style: Style, strength: float) -> Style:
    seconds, hertz = style.reverb
    return replace(style, reverb=(between(seconds, min(0.5, seconds), strength), hertz))
