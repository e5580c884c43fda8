"""NumPy array types for audio and measurements."""

import numpy as np
from numpy.typing import NDArray

Mono = NDArray[np.float32]
"""One channel, shape (frames,)."""
Wave = NDArray[np.float32]
"""One or two channels, shape (channels, frames)."""
Reals = NDArray[np.float64]
