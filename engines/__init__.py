"""Engines turn a request into audio. They know no database, queue or HTTP; one package per engine, found by key.

Importing this room loads numpy with the same kernels on every x86-64 processor since 2013: the faster ones of newer
processors differ in the last bits of a sine, and the same seed shall give the same samples on another machine, too.
"""

import os
import sys
import warnings

if "numpy" not in sys.modules:
    os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", "X86_V4 AVX512_ICL AVX512_SPR")
    with warnings.catch_warnings():
        # where there is nothing to switch off, numpy says so
        warnings.simplefilter("ignore", ImportWarning)
        import numpy as np  # noqa: F401  loaded here for its kernels
