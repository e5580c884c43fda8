"""Loads compiled kernels before the first render, in processes that fork one child per render."""

from importlib import import_module

import numpy as np

from engines.studio.dsp import convolution, filters


def load_kernels() -> None:
    """Filter and transform a few frames of silence, which loads the extensions of SciPy."""
    filters.sosfilt(filters.butter(1, 1000.0, "lowpass"), np.zeros((1, 8)))
    convolution.spectrum(np.zeros(8, dtype=np.float32), 8)
    # NumPy imports it for the first median
    import_module("numpy.ma")
