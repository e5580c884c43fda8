"""Runs as a small script between us and a service: lowers the account, ties the service's life to ours, becomes it.

A script and not a `preexec_fn`, because that one may deadlock in a process with threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the program; arguments: supervisor's pid, signal at its death, uid, gid (-1: keep), program, its own."""
    parent, death_signal, uid, gid = (int(value) for value in sys.argv[1:5])
    # found while we may still enter the folder Python is installed in
    library = ctypes.CDLL(None)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    if sys.platform == "linux":
        # a change of account would have forgotten it
        library.prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit("The supervisor ended before its service began.")
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
