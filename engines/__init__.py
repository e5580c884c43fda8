"""Music engines: one package per engine, with the port they implement and the registry that finds them by key.

Engines depend on no database, queue or HTTP. Importing this package loads NumPy with the same kernels on every x86-64
processor since 2013: the faster kernels of newer processors give a sine with other last bits, and a seed must give the
same samples on every machine.
"""

import os
import sys
import warnings

if "numpy" not in sys.modules:
    os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", "X86_V4 AVX512_ICL AVX512_SPR")
    with warnings.catch_warnings():
        # NumPy warns if the processor has none of these features
        warnings.simplefilter("ignore", ImportWarning)
        import numpy as np  # noqa: F401  imported to fix its kernels
