"""What the comparisons of both executors share."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def swept() -> Iterator[None]:
    """What was left unawaited is found while the module's marks hold."""
    yield
    gc.collect()
