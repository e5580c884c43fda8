"""Read the files of deploy/: YAML documents, and the variables and commands that they name."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from core.settings import PROJECT
from server.cli import setting_variables

DEPLOY: Final = PROJECT / "deploy"
VARIABLE: Final = re.compile(r"\b(?:MUSIC_STUDIO_[A-Z0-9_]+|DATABASE_URL|REDIS_URL)\b")
_OF_THE_SCRIPT: Final = {"MUSIC_STUDIO_VENV"}
"""Read by the script `studio`, and no setting."""


def files() -> list[Path]:
    return sorted(path for path in DEPLOY.rglob("*") if path.is_file())


def load_yaml(path: Path) -> Any:  # noqa: ANN401  YAML
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def settings() -> set[str]:
    """Return the variables that a file may name."""
    return {variable for variable, _, _ in setting_variables.fields()} | _OF_THE_SCRIPT


def objects_with(node: Any, key: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401  YAML
    """Yield the mappings that contain a key, at any depth."""
    if isinstance(node, dict):
        if key in node:
            yield node
        for value in node.values():
            yield from objects_with(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from objects_with(value, key)
