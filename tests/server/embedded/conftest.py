"""The folder every test of the embedded services starts from."""

from pathlib import Path

import pytest


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that is not there yet; as root it lies where nobody else may enter."""
    return tmp_path / "var"
