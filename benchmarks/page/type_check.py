"""Check the types of the page with TypeScript, also those of its GraphQL operations, which are generated."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks import node_packages
from core.settings import PROJECT

TOOLS: Final = PROJECT / "benchmarks" / "page" / "node"
WEB: Final = PROJECT / "web"
SCHEMA: Final = PROJECT / "schema" / "schema.graphql"


@contextmanager
def tools(*, has_lighthouse: bool = False) -> Iterator[Path]:
    """Yield a folder with the packages and programs of ``node``. Raises NodeError, RuntimeError."""
    options = [] if has_lighthouse else ["--omit=dev"]
    with node_packages.installed(TOOLS, "page-tools", "ci", options) as folder:
        yield folder


def check_types() -> int:
    """Print what is wrong with the types, and return the exit status."""
    node = node_packages.find_node().node
    with tools() as folder:
        for path in (*TOOLS.glob("*.mjs"), *TOOLS.glob("*.d.ts")):
            shutil.copy(path, folder)
        settings = json.loads((TOOLS / "tsconfig.json").read_text(encoding="utf-8"))
        settings["include"] = [f"{WEB}/**/*.js", f"{folder}/*.d.ts"]
        (folder / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
        sys.stdout.flush()
        steps = (
            [node, "operations.mjs", str(SCHEMA), str(WEB), "api.d.ts"],
            [node, "node_modules/typescript/bin/tsc", "--project", "tsconfig.json"],
        )
        return max(subprocess.run(step, cwd=folder, check=False).returncode for step in steps)  # noqa: S603  our programs
