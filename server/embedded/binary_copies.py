"""Copy programs for a user without access to the folder that they are installed in (a venv in root's home)."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from server.embedded import os_user
from server.embedded.errors import StartupError, translate_os_errors
from server.embedded.os_user import OsUser

COPY_FOLDERS = (Path("/var/cache"), Path(tempfile.gettempdir()))


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
