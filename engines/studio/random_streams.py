"""Chance that can be repeated: every purpose draws from its own stream of numbers."""

import hashlib
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def stream(seed: int, *purpose: str | int) -> np.random.Generator:
    """A generator that depends on the seed and the purpose alone, in any process (SHA-256 into PCG64)."""
    digest = hashlib.sha256("/".join(str(word) for word in (seed, *purpose)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))


def derive_seed(seed: int, *purpose: str | int) -> int:
    """Another seed, 32 bits wide, for a purpose that draws from many streams."""
    return int(stream(seed, *purpose).integers(2**32))


def pick(rng: np.random.Generator, options: tuple[T, ...]) -> T:
    """One of the options, each equally likely."""
    return options[int(rng.integers(len(options)))]


def chance(rng: np.random.Generator, probability: float) -> bool:
    """True with the given probability."""
    return bool(rng.random() < probability)
