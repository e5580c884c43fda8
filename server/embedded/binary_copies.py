"""Programs for an account that may not enter the folder they are installed in (a venv under root's home)."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from server.embedded import os_user
from server.embedded.errors import StartupError, translate_os_errors
from server.embedded.os_user import OsUser

SHELVES = (Path("/var/cache"), Path(tempfile.gettempdir()))


def accessible_home(
    home: Path, folders: tuple[Path, ...], account: OsUser | None, shelves: tuple[Path, ...] = SHELVES
) -> Path:
    """Give a home from which `account` can run the `folders` that lie below `home`: this one, or a lasting copy."""
    present = [folder for folder in folders if folder.exists()]
    if account is None or all(os_user.is_world_readable(folder) for folder in present):
        return home
    for shelf in shelves:
        if shelf.is_dir() and os.access(shelf, os.W_OK) and os_user.is_world_readable(shelf):
            return _shelve(home, present, shelf)
    raise StartupError(
        f"The programs in {home} are closed to the account that must run them, and none of "
        f"{' or '.join(str(shelf) for shelf in shelves)} can hold a copy: install Music Studio in a folder open to all."
    )


def _shelve(home: Path, folders: list[Path], shelf: Path) -> Path:
    target = shelf / f"music-studio-{_fingerprint(home, folders)}"
    if _is_ours(target):
        return target
    with translate_os_errors(shelf):
        draft = Path(tempfile.mkdtemp(prefix="music-studio-", dir=shelf))
        try:
            for folder in folders:
                shutil.copytree(folder, draft / folder.relative_to(home), symlinks=True)
            make_world_readable(draft)
            draft.rename(target)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            # another start may have put it there meanwhile
            if not _is_ours(target):
                raise
    return target


def _is_ours(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    # in a shared folder somebody else could have left this name for root to run
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise StartupError(f"{path} was not made by this user: remove it, then start again.")
    return True


def make_world_readable(home: Path) -> None:
    home.chmod(0o755)
    for path in home.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)


def _fingerprint(home: Path, folders: list[Path]) -> str:
    """Tell one build of the programs from another by the names and sizes of their files, without reading 40 MB."""
    seen = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            seen.update(f"{path.relative_to(home)}\0{path.lstat().st_size}\n".encode())
    return seen.hexdigest()[:16]
