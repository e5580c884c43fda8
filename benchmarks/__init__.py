"""Measurements that are too long for a test."""

import engines  # noqa: F401  before numpy, whose kernels it settles
