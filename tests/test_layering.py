"""Rooms and their sub-packages import in one direction, without cycles; each library has its room."""

import ast
import functools
import graphlib
import importlib
import sys
from collections.abc import Iterator, Mapping
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
    "mcp": {"server"},
    "mcp_types": {"server"},
    "numpy": {"engines", "workers"},
    "scipy": {"engines"},
}

CORE_MAY_IMPORT: Final = {"pydantic", "pydantic_settings", "core"}

ORDER: Final = {
    "storage": ("tables", "blobs", "redis", "postgres", "migrations", "queries", "maintenance", "queue"),
    "engines/studio": (
        "random_streams", "dsp", "theory", "info", "languages", "palette", "effects", "instruments", "model",
        "analysis", "composing", "sampling", "mixing", "midi", "notation", "orchestration", "styles",
        "style_list", "prompt", "arranging", "focus", "engine",
    ),
    "resolvers": (
        "signing", "access", "organizations", "library", "generations", "sharing", "receipts", "focus", "reads",
    ),
    "server": (
        "embedded", "backups", "asgi_server", "bootstrap", "request_origin", "session_cookie",
        "issuer_keys", "bearer_tokens", "openid_provider", "key_uses", "authentication", "graphql", "subscriptions",
        "graphql_endpoint", "mcp", "fork_server", "supervision", "routes", "middleware", "app", "cli",
    ),
}  # fmt: skip
"""The sub-packages and modules of a room, lowest first: each imports only those before it."""

MODULES: Final = sorted(path for room in ALLOWED for path in (PROJECT / room).rglob("*.py"))


@functools.cache
def imports(path: Path) -> tuple[str, ...]:
    """The dotted names that a module imports, wherever in it."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
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
def test_a_library_is_imported_only_in_its_rooms(library: str) -> None:
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


def test_google_cloud_is_imported_in_one_file_and_its_credentials_in_another() -> None:
    found: dict[str, set[str]] = {"google": set(), "google.cloud": set()}
    for path in MODULES:
        for package, files in found.items():
            if any(f"{name}.".startswith(f"{package}.") for name in imports(path)):
                files.add(path.relative_to(PROJECT).as_posix())
    assert found["google.cloud"] == {"storage/blobs/gcs.py"}
    assert found["google"] == {"storage/blobs/gcs.py", "storage/blobs/gcs_credentials.py"}


def dotted(path: Path) -> str:
    """The name by which a module is imported."""
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def imported_modules(path: Path, known: Mapping[str, Path]) -> set[str]:
    """Our modules that a module imports, wherever in it: in functions and for types only, too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found.update(name if name in known else node.module for name in names.values())
    return (found & known.keys()) - {dotted(path)}


@functools.cache
def import_graph() -> Mapping[str, set[str]]:
    known = {dotted(path): path for path in MODULES}
    return {name: imported_modules(path, known) for name, path in known.items()}


def test_no_modules_import_each_other_in_a_cycle() -> None:
    try:
        graphlib.TopologicalSorter(import_graph()).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("room", ORDER)
def test_the_sub_packages_of_a_room_import_only_those_before_them(room: str) -> None:
    prefix, order = room.replace("/", ".") + ".", ORDER[room]
    upward = {
        (name, target)
        for name, targets in import_graph().items()
        for target in targets
        if name.startswith(prefix) and target.startswith(prefix)
        if order.index(part(target, prefix)) > order.index(part(name, prefix))
    }
    assert upward == set()


def part(name: str, prefix: str) -> str:
    """The sub-package or module directly below the prefix."""
    return name.removeprefix(prefix).partition(".")[0]
