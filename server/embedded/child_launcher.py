"""Launch a child process: switch to its user, arrange a signal for the death of the parent, and exec the program.

Runs as a script, because a `preexec_fn` can deadlock in a process with threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Exec the program. Arguments: parent's pid, signal at its death, uid, gid (-1: unchanged), program, arguments."""
    parent, death_signal, uid, gid = (int(value) for value in sys.argv[1:5])
    # loaded first: the new user may have no access to Python's folder
    library = ctypes.CDLL(None)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    if sys.platform == "linux":
        # after setuid, which clears this setting
        library.prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit("The supervisor exited before its service started.")
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606  without a shell


if __name__ == "__main__":
    main()
