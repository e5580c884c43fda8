"""IIR filters as second-order sections: Butterworth designs, run by SciPy's compiled kernel."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from engines.port import SAMPLE_RATE
from engines.studio.dsp.scipy_extensions import load_extension

Sections = NDArray[np.float64]
"""Shape (sections, 6): the coefficients b0, b1, b2, 1, a1, a2 of each section."""
Kernel = Callable[[np.ndarray, np.ndarray, np.ndarray], object]
BILINEAR_RATE: Final = 2.0 * SAMPLE_RATE
"""The factor 2 / T of the bilinear transform."""
NOISE_FLOOR: Final = np.random.Generator(np.random.PCG64(1)).choice((-1e-16, 1e-16), 1 << 17)
"""Noise at -320 dBFS that filters add to their input.

Without it the state of a filter decays to subnormal numbers in silence, with which processors calculate up to a hundred
times more slowly.
"""


@cache
def _sosfilt_kernel() -> Kernel:
    """Return the compiled loop of ``scipy.signal.sosfilt``, which filters (signals, frames) in place."""
    kernel: Kernel = load_extension("signal._sosfilt")._sosfilt  # noqa: SLF001  the loop behind scipy.signal.sosfilt
    return kernel


@cache
def _noise_floor(kind: np.dtype[Any]) -> np.ndarray:
    return (NOISE_FLOOR * (1 + 1j if kind.kind == "c" else 1)).astype(kind)


def sosfilt(sections: np.ndarray, sound: np.ndarray, state: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the filtered sound, shape (signals, frames) or (frames,), and the filter's state after it.

    Calculates in the precision of the sections. Pass the state, shape (signals, sections, 2), to filter the next block.
    """
    source = np.atleast_2d(sound)
    filtered = np.empty(source.shape, dtype=sections.dtype)
    end_state = _filter(sections, source, filtered, state)
    return filtered.reshape(np.shape(sound)), end_state


def sosfilt_in_place(sections: np.ndarray, sound: np.ndarray, state: np.ndarray | None = None) -> np.ndarray:
    """Filter a contiguous sound in the precision of the sections, shape (signals, frames), and return the state."""
    return _filter(sections, sound, sound, state)


def _filter(sections: np.ndarray, source: np.ndarray, target: np.ndarray, state: np.ndarray | None) -> np.ndarray:
    noise = _noise_floor(sections.dtype)
    for start in range(0, source.shape[1], len(noise)):
        part = source[:, start : start + len(noise)]
        np.add(part, noise[: part.shape[1]], out=target[:, start : start + len(noise)], casting="same_kind")
    shape = (len(target), len(sections), 2)
    end_state = np.zeros(shape, dtype=sections.dtype) if state is None else state.copy()
    _sosfilt_kernel()(np.ascontiguousarray(sections), target, end_state)
    return end_state


def butter(order: int, hz: float, kind: Literal["lowpass", "highpass"]) -> Sections:
    """Design a Butterworth low-pass or high-pass filter (bilinear transform with a prewarped cutoff)."""
    warped = BILINEAR_RATE * np.tan(np.pi * hz / SAMPLE_RATE)
    damping = [2.0 * np.sin(np.pi * (2 * pair + 1) / (2 * order)) for pair in range(order // 2)]
    is_low_pass = kind == "lowpass"
    rows = [_section((0.0, 0.0, warped**2) if is_low_pass else (1.0, 0.0, 0.0), d * warped, warped**2) for d in damping]
    if order % 2:
        rows.append(_first_order(warped, is_low_pass=is_low_pass))
    return np.array(rows)


def butter_bandpass(order: int, low: float, high: float) -> Sections:
    """Design a Butterworth band-pass filter with slopes of ``order`` times 6 dB per octave."""
    lower, upper = (BILINEAR_RATE * np.tan(np.pi * hz / SAMPLE_RATE) for hz in (low, high))
    width, centre = upper - lower, lower * upper
    rows: list[list[float]] = []
    for pair in range(order // 2):
        pole = complex(np.exp(1j * np.pi * (0.5 + (2 * pair + 1) / (2 * order)))) * width / 2
        root = np.sqrt(pole**2 - centre)
        poles = (pole + root, pole - root)
        rows.extend(_section((0.0, width, 0.0), -2.0 * pole.real, abs(pole) ** 2) for pole in poles)
    if order % 2:
        rows.append(_section((0.0, width, 0.0), width, centre))
    return np.array(rows)


def _section(numerator: tuple[float, float, float], a1: float, a0: float) -> list[float]:
    """Return the bilinear transform of (b2 s² + b1 s + b0) / (s² + a1 s + a0)."""
    b2, b1, b0 = numerator
    square = BILINEAR_RATE**2
    scale = square + a1 * BILINEAR_RATE + a0
    zeros = (b2 * square + b1 * BILINEAR_RATE + b0, 2 * (b0 - b2 * square), b2 * square - b1 * BILINEAR_RATE + b0)
    poles = (2 * (a0 - square), square - a1 * BILINEAR_RATE + a0)
    return [*(term / scale for term in zeros), 1.0, *(term / scale for term in poles)]


def _first_order(warped: float, *, is_low_pass: bool) -> list[float]:
    scale = BILINEAR_RATE + warped
    zeros = (warped, warped) if is_low_pass else (BILINEAR_RATE, -BILINEAR_RATE)
    return [zeros[0] / scale, zeros[1] / scale, 0.0, 1.0, (warped - BILINEAR_RATE) / scale, 0.0]
