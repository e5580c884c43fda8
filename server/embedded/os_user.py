"""The OS user of the services. Postgres refuses to run as root, so root runs them as an unprivileged user."""

import os
import pwd
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED_UID = 65534


@dataclass(frozen=True, slots=True)
class OsUser:
    uid: int
    gid: int

    def chown(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)


def for_new_folders(folder: Path) -> OsUser | None:
    """Return the owner of new subfolders of `folder`, None for the current user. initdb requires a user with a name."""
    user = owner(folder)
    return user if user is None or _has_name(user.uid) else unprivileged()


def owner(folder: Path) -> OsUser | None:
    """Return the user to run as in an existing folder: None for the current user.

    For root it is the folder's owner, or the unprivileged user if that is root as well.
    """
    if os.geteuid() != 0:
        return None
    status = folder.stat()
    return OsUser(status.st_uid, status.st_gid) if status.st_uid != 0 else unprivileged()


def unprivileged() -> OsUser:
    """Return the system's unprivileged user, by its usual uid or by its name."""
    if not _has_name(UNPRIVILEGED_UID):
        with suppress(KeyError):
            entry = pwd.getpwnam("nobody")
            return OsUser(entry.pw_uid, entry.pw_gid)
    return OsUser(UNPRIVILEGED_UID, UNPRIVILEGED_UID)


def is_world_readable(path: Path) -> bool:
    """Return whether any user can reach `path` and read it."""
    mode = path.stat().st_mode
    required = stat.S_IROTH | stat.S_IXOTH
    is_reachable = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
    return is_reachable and mode & required == required


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
