"""Recursive filters as second-order sections: Butterworth designs, and scipy's compiled loop to run them."""

from collections.abc import Callable
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from engines.port import SAMPLE_RATE

Sections = NDArray[np.float64]
"""Shape (sections, 6): b0, b1, b2, 1, a1, a2 of each."""
Band = tuple[float, float]
Kernel = Callable[[np.ndarray, np.ndarray, np.ndarray], object]
BILINEAR_RATE: Final = 2.0 * SAMPLE_RATE


@cache
def _kernel() -> Kernel:
    """Filters (signals, frames) in place, with a state (signals, sections, 2).

    It lives in scipy.signal, whose package takes half a second to import; only its one compiled file is loaded.
    """
    package = find_spec("scipy")
    folder = Path(package.origin or "").parent / "signal" if package else Path()
    spec = PathFinder.find_spec("_sosfilt", [str(folder)])
    if spec is None or spec.loader is None:
        from scipy.signal import _sosfilt as module  # noqa: PLC0415  half a second that is spent only where it must be
    else:
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
    kernel: Kernel = module._sosfilt  # noqa: SLF001  the loop behind scipy.signal.sosfilt
    return kernel


def sosfilt(sections: np.ndarray, sound: np.ndarray, state: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The filtered sound, shape (signals, frames) or (frames,), and the state to go on from (see resting).

    Works in the precision of the sections.
    """
    kind = sections.dtype
    treated = np.array(np.atleast_2d(sound), dtype=kind, order="C")
    after = zero_state(sections, len(treated)) if state is None else state.copy()
    _kernel()(np.ascontiguousarray(sections), treated, after)
    return treated.reshape(np.shape(sound)), after


def zero_state(sections: np.ndarray, signals: int) -> np.ndarray:
    """The state of filters that have heard nothing, shape (signals, sections, 2)."""
    return np.zeros((signals, len(sections), 2), dtype=sections.dtype)


def butter(order: int, hz: float, kind: Literal["lowpass", "highpass"]) -> Sections:
    """A Butterworth low or high cut (bilinear transform, the cutoff prewarped)."""
    warped = BILINEAR_RATE * np.tan(np.pi * hz / SAMPLE_RATE)
    damping = [2.0 * np.sin(np.pi * (2 * turn + 1) / (2 * order)) for turn in range(order // 2)]
    low = kind == "lowpass"
    rows = [_section((0.0, 0.0, warped**2) if low else (1.0, 0.0, 0.0), d * warped, warped**2) for d in damping]
    if order % 2:
        rows.append(_first_order(warped, low=low))
    return np.array(rows)


def butter_bandpass(order: int, low: float, high: float) -> Sections:
    """A Butterworth band-pass whose slopes have ``order`` times 6 dB per octave."""
    below, above = (BILINEAR_RATE * np.tan(np.pi * hz / SAMPLE_RATE) for hz in (low, high))
    width, centre = above - below, below * above
    rows: list[list[float]] = []
    for turn in range(order // 2):
        pole = complex(np.exp(1j * np.pi * (0.5 + (2 * turn + 1) / (2 * order)))) * width / 2
        root = np.sqrt(pole**2 - centre)
        ends = (pole + root, pole - root)
        rows.extend(_section((0.0, width, 0.0), -2.0 * end.real, abs(end) ** 2) for end in ends)
    if order % 2:
        rows.append(_section((0.0, width, 0.0), width, centre))
    return np.array(rows)


def _section(upper: tuple[float, float, float], a1: float, a0: float) -> list[float]:
    """The bilinear transform of (b2 s² + b1 s + b0) / (s² + a1 s + a0)."""
    b2, b1, b0 = upper
    square = BILINEAR_RATE**2
    scale = square + a1 * BILINEAR_RATE + a0
    over = (b2 * square + b1 * BILINEAR_RATE + b0, 2 * (b0 - b2 * square), b2 * square - b1 * BILINEAR_RATE + b0)
    under = (2 * (a0 - square), square - a1 * BILINEAR_RATE + a0)
    return [*(term / scale for term in over), 1.0, *(term / scale for term in under)]


def _first_order(warped: float, *, low: bool) -> list[float]:
    scale = BILINEAR_RATE + warped
    over = (warped, warped) if low else (BILINEAR_RATE, -BILINEAR_RATE)
    return [over[0] / scale, over[1] / scale, 0.0, 1.0, (warped - BILINEAR_RATE) / scale, 0.0]
