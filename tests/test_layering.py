"""Rooms import one way only, and each library has its room."""

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from core.settings import PROJECT

ALLOWED: Final = {
    "core": set(),
    "storage": {"core"},
    "engines": {"core"},
    "resolvers": {"core", "storage", "engines"},
    "schema": {"core", "storage", "engines", "resolvers"},
    "rest_compat": {"core", "storage", "engines", "resolvers"},
    "workers": {"core", "storage", "engines", "resolvers"},
    "server": {"core", "storage", "engines", "resolvers", "schema", "rest_compat", "workers"},
}

HOMES: Final = {
    "strawberry": {"schema", "server"},
    "starlette": {"rest_compat", "server"},
    "rq": {"workers"},
    "alembic": {"storage"},
    "sqlmodel": {"storage", "resolvers"},
    "typer": {"server"},
    "numpy": {"engines", "workers"},
    "scipy": {"engines"},
}

CORE_MAY_IMPORT: Final = {"pydantic", "pydantic_settings", "core"}

MODULES: Final = sorted(path for room in ALLOWED for path in (PROJECT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    allowed = ALLOWED[room] | {room}
    found = {
        (str(path.relative_to(PROJECT)), name)
        for path in (PROJECT / room).rglob("*.py")
        for name in imports(path)
        if (top := name.partition(".")[0]) in ALLOWED and top not in allowed
    }
    assert found == set()


@pytest.mark.parametrize("library", HOMES)
def test_a_library_stands_only_in_its_rooms(library: str) -> None:
    found = {
        str(path.relative_to(PROJECT))
        for path in MODULES
        for name in imports(path)
        if name.partition(".")[0] == library and path.relative_to(PROJECT).parts[0] not in HOMES[library]
    }
    assert found == set()


def test_core_needs_the_standard_library_and_pydantic_only() -> None:
    tops = {name.partition(".")[0] for path in (PROJECT / "core").rglob("*.py") for name in imports(path)}
    assert tops - set(sys.stdlib_module_names) <= CORE_MAY_IMPORT


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_is_ours_and_not_a_dependency_of_the_same_name(room: str) -> None:
    module = importlib.import_module(room)
    assert module.__file__ == str(PROJECT / room / "__init__.py")


def test_google_cloud_stands_in_one_file_of_the_blob_stores_and_its_credentials_in_another() -> None:
    found: dict[str, set[str]] = {"google": set(), "google.cloud": set()}
    for path in MODULES:
        for package, files in found.items():
            if any(f"{name}.".startswith(f"{package}.") for name in imports(path)):
                files.add(path.relative_to(PROJECT).as_posix())
    assert found["google.cloud"] == {"storage/blobs/gcs.py"}
    assert found["google"] == {"storage/blobs/gcs.py", "storage/blobs/gcs_credentials.py"}
