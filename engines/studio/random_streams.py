"""Reproducible random numbers: an independent stream for every purpose."""

import hashlib
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def stream(seed: int, *purpose: str | int) -> np.random.Generator:
    """Return a generator that depends only on seed and purpose, in any process (SHA-256 into PCG64)."""
    digest = hashlib.sha256("/".join(str(word) for word in (seed, *purpose)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))


def derive_seed(seed: int, *purpose: str | int) -> int:
    """Return a 32-bit seed for a purpose that uses several streams."""
    return int(stream(seed, *purpose).integers(2**32))


def pick(rng: np.random.Generator, options: tuple[T, ...]) -> T:
    return options[int(rng.integers(len(options)))]


def chance(rng: np.random.Generator, probability: float) -> bool:
    return bool(rng.random() < probability)
