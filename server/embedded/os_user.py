"""Who the services run as. Postgres refuses to run as root, so root lends its children a lesser account."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED_UID = 65534


@dataclass(frozen=True, slots=True)
class OsUser:
    """The user and group a child becomes."""

    uid: int
    gid: int

    def chown(self, path: Path) -> None:
        """Hand a file or folder to this account."""
        os.chown(path, self.uid, self.gid)


def for_new_folders(folder: Path) -> OsUser | None:
    """Pick who makes new rooms in `folder`: None for ourselves, or for root the folder's owner, else nobody."""
    account = owner(folder)
    # initdb insists on a user with a name
    return account if account is None or _has_name(account.uid) else unprivileged()


def owner(folder: Path) -> OsUser | None:
    """Give who must work in a room that exists: None for ourselves, or for root the room's owner, else nobody."""
    if os.geteuid() != 0:
        return None
    found = folder.stat()
    return OsUser(found.st_uid, found.st_gid) if found.st_uid != 0 else unprivileged()


def unprivileged() -> OsUser:
    """Give the account that owns nothing else, by its usual number or by its name."""
    if not _has_name(UNPRIVILEGED_UID):
        try:
            entry = pwd.getpwnam("nobody")
        except KeyError:
            return OsUser(UNPRIVILEGED_UID, UNPRIVILEGED_UID)
        return OsUser(entry.pw_uid, entry.pw_gid)
    return OsUser(UNPRIVILEGED_UID, UNPRIVILEGED_UID)


def is_world_readable(path: Path) -> bool:
    """Whether any account may walk to `path` and read it."""
    mode = path.stat().st_mode
    needed = stat.S_IROTH | stat.S_IXOTH
    walkable = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
    return walkable and mode & needed == needed


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
