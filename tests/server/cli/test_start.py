"""Commands load only what they need, so that they start quickly."""

import json
import subprocess
import sys
from typing import Final

import pytest

from core.settings import PROJECT
from core.version import VERSION

_API_COMMANDS: Final = ("generate", "tracks", "library", "jobs", "usage", "focus")
_LOADED: Final = """
import json, sys
from server.cli import commands
heavy = {"alembic", "asyncpg", "numpy", "redis", "rq", "scipy", "sqlalchemy", "starlette", "strawberry"}
loaded = {}
for name in sys.argv[1:]:
    commands.build_app(name)
    loaded[name] = sorted(heavy & {*sys.modules})
print(json.dumps(loaded))
"""
_VERSION: Final = """
import atexit, sys
from server.cli import commands
modules = {module for module, _ in commands.COMMANDS.values()}
atexit.register(lambda: print(*sorted(modules & {*sys.modules})))
sys.argv = ["studio", "--version"]
commands.main()
"""


def _run(code: str, *arguments: str) -> str:
    words = [sys.executable, "-c", code, *arguments]
    return subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=True).stdout  # noqa: S603  this Python


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """The large packages that are loaded after each command of the API, one after another in one process."""
    modules: dict[str, list[str]] = json.loads(_run(_LOADED, *_API_COMMANDS))
    return modules


@pytest.mark.parametrize("command", _API_COMMANDS)
def test_a_command_that_uses_the_api_loads_neither_database_nor_engines(
    command: str, loaded: dict[str, list[str]]
) -> None:
    assert loaded[command] == []


def test_the_version_is_printed_without_any_command() -> None:
    assert _run(_VERSION) == f"Music Studio {VERSION}\n\n"
