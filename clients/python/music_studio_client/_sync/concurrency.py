"""What differs between the two clients beyond keywords. `_async/concurrency.py` is the counterpart."""

import contextlib
import time
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from typing import Annotated, TypeVar, cast

__all__ = ["Deferred", "closing", "sleep"]

ItemT = TypeVar("ItemT")
Deferred = Annotated[ItemT, "returned at once"]


def sleep(seconds: float) -> None:
    """Block the thread."""
    time.sleep(seconds)


def closing(items: Iterator[ItemT]) -> AbstractContextManager[Iterator[ItemT]]:
    """Close a generator at the end of a block."""
    return contextlib.closing(cast("Generator[ItemT, None, None]", items))
