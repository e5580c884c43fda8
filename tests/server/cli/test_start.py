"""Commands load only what they need, so that they start quickly."""

import subprocess
import sys

import pytest

from core.settings import PROJECT

_LOADED = """
import sys
from server.cli import commands
commands.build_app(sys.argv[1])
heavy = {"alembic", "asyncpg", "numpy", "redis", "rq", "scipy", "sqlalchemy", "starlette", "strawberry"}
print(*sorted(heavy & {*sys.modules}))
"""


@pytest.mark.parametrize("command", ["generate", "tracks", "library", "jobs", "usage", "focus"])
def test_a_command_that_uses_the_api_loads_neither_database_nor_engines(command: str) -> None:
    run = [sys.executable, "-c", _LOADED, command]
    done = subprocess.run(run, cwd=PROJECT, capture_output=True, text=True, check=True)  # noqa: S603  this Python
    assert done.stdout == "\n"
