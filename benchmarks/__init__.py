"""Benchmarks that take too long for tests."""

import engines  # noqa: F401  before numpy, because it configures numpy's kernels
