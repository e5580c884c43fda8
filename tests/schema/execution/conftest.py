"""A fixture for comparisons of the compiled and the stock executor."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def collect_garbage() -> Iterator[None]:
    """Collect unawaited coroutines while the module's warning filters apply."""
    yield
    gc.collect()
