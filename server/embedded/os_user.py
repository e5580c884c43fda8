"""Who the services run as. Postgres refuses to run as root, so root lends its children a lesser account."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group a child becomes."""

    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Hand a file or folder to this account."""
        os.chown(path, self.uid, self.gid)


def choose(folder: Path) -> Account | None:
    """Pick who makes new rooms in `folder`: None for ourselves, or for root the folder's owner, else nobody."""
    account = owner(folder)
    # initdb insists on a user with a name
    return account if account is None or _has_name(account.uid) else nobody()


def owner(folder: Path) -> Account | None:
    """Give who must work in a room that exists: None for ourselves, or for root the room's owner, else nobody."""
    if os.geteuid() != 0:
        return None
    found = folder.stat()
    return Account(found.st_uid, found.st_gid) if found.st_uid != 0 else nobody()


def nobody() -> Account:
    """Give the account that owns nothing else, by its usual number or by its name."""
    if not _has_name(NOBODY):
        try:
            entry = pwd.getpwnam("nobody")
        except KeyError:
            return Account(NOBODY, NOBODY)
        return Account(entry.pw_uid, entry.pw_gid)
    return Account(NOBODY, NOBODY)


def is_open_to_all(path: Path) -> bool:
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
