"""Generate ``src/operations.ts`` of the client: ``python -m clients.typescript.generate``.

``--check`` compares without writing, and checks the types. Needs Node; its packages are installed once.
"""

import argparse
import filecmp
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks import node_packages

_FOLDER: Final = Path(__file__).resolve().parent
_OPERATIONS: Final = Path("src", "operations.ts")


def main() -> int:
    """Write the generated file, or with ``--check`` return 1 if it differs from the schema or types do not fit."""
    parser = argparse.ArgumentParser(description="Generate the TypeScript client from the schema.")
    parser.add_argument("--check", action="store_true", help="compare without writing, and check the types")
    is_check = parser.parse_args().check
    try:
        with draft() as folder:
            if not is_check:
                shutil.copy(folder / _OPERATIONS, _FOLDER / _OPERATIONS)
                return 0
            if not filecmp.cmp(folder / _OPERATIONS, _FOLDER / _OPERATIONS, shallow=False):
                sys.stderr.write(f"{_OPERATIONS} is not up to date: python -m clients.typescript.generate\n")
                return 1
            return build(folder)
    except node_packages.NodeError as error:
        sys.stderr.write(f"The client cannot be generated: {error}.\n")
        return 1


@contextmanager
def draft() -> Iterator[Path]:
    """Yield a folder with the packages and the client's sources, newly generated. Raises NodeError."""
    with node_packages.installed(_FOLDER, "typescript-client", "ci") as folder:
        for name in ("src", "dist"):
            shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(_FOLDER / "src", folder / "src")
        for name in ("generate.mjs", "tsconfig.json"):
            shutil.copy(_FOLDER / name, folder)
        project = _FOLDER.parents[1]
        arguments = [folder / _OPERATIONS, project / "schema" / "schema.graphql", project / "clients" / "operations"]
        _node(folder, "generate.mjs", *map(str, arguments))
        yield folder


def build(folder: Path) -> int:
    """Compile the client into ``dist``; print what is wrong with its types and return the exit status."""
    return _node(folder, "node_modules/typescript/bin/tsc")


def _node(folder: Path, *arguments: str) -> int:
    return subprocess.run([node_packages.find_node().node, *arguments], cwd=folder, check=False).returncode  # noqa: S603  our programs


if __name__ == "__main__":
    sys.exit(main())
