"""The version of the product, as in pyproject.toml (a test compares them)."""

from typing import Final

VERSION: Final = "0.2.0"
