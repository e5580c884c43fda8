"""Array types for sound and measurements."""

import numpy as np
from numpy.typing import NDArray

Mono = NDArray[np.float32]
"""One channel, shape (frames,)."""
Wave = NDArray[np.float32]
"""Sound inside the engine, shape (channels, frames), one or two channels."""
Reals = NDArray[np.float64]
