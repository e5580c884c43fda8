"""Fixtures of the tests of the embedded services."""

from pathlib import Path

import pytest


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that does not exist yet. Other users cannot enter its parent."""
    return tmp_path / "var"
