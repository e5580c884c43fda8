import os
import shutil
import stat
import sys
from pathlib import Path

import pytest

from server.embedded import folder
from server.embedded.errors import StartupError, translate_os_errors
from server.embedded.folder import DataFolder
from server.embedded.stack import Stack


def test_a_folder_of_a_newer_version_is_rejected(data: Path) -> None:
    data.mkdir()
    (data / "layout").write_text("2\n")
    with pytest.raises(StartupError) as error:
        Stack(data).start()
    assert str(error.value) == (
        f"The data folder {data} was created by a newer Music Studio (layout 2; this version supports 1): "
        "update Music Studio, or choose another folder with --data-dir."
    )
    assert not (data / "postgres").exists()


def test_too_little_free_space_is_an_error(data: Path) -> None:
    data.mkdir()
    free = shutil.disk_usage(data).free
    with pytest.raises(StartupError, match=r"^The disk of .* has \d+ MB left and Music Studio needs \d+ MB to start: "):
        folder.check_free_space(data, free * 2)
    folder.check_free_space(data, free // 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_disk_that_fills_up_is_an_error(data: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(StartupError) as error, translate_os_errors(data):
        os.write(full, b"music")
    os.close(full)
    assert str(error.value) == f"There is no space left on the disk of {data}: free some, then start again."


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write anywhere; see test_os_user")
def test_a_folder_below_an_inaccessible_one_is_an_error(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(StartupError) as error:
        Stack(closed / "var").start()
    assert str(error.value) == (
        f"The data folder {closed}/var cannot be used because {closed}/var is not accessible to this user: "
        "start as the user who created it, or choose another folder with --data-dir."
    )


def test_a_file_in_place_of_the_folder_is_an_error(data: Path) -> None:
    data.touch()
    with pytest.raises(StartupError) as error:
        Stack(data).start()
    assert str(error.value) == f"The data folder {data} cannot be used because {data} is a file or is below one."


@pytest.mark.skipif(sys.platform != "linux", reason="the maximum length differs")
def test_a_name_that_is_too_long_is_an_error(tmp_path: Path) -> None:
    data = tmp_path / ("n" * 300)
    with pytest.raises(StartupError) as error:
        Stack(data).start()
    assert str(error.value) == (
        f"The name of the data folder {data} is too long for this system: choose another with --data-dir."
    )


def test_a_secret_is_created_once_and_private(data: Path) -> None:
    data.mkdir()
    data_folder = DataFolder(data)
    data_folder.prepare()
    secret = data_folder.ensure_secret("some")
    assert len(secret) == 43
    assert data_folder.ensure_secret("some") == secret
    assert stat.S_IMODE((data / "secrets" / "some").stat().st_mode) == 0o600


def test_a_large_log_is_rotated(data: Path) -> None:
    (data / "logs").mkdir(parents=True)
    log = data / "logs" / "postgres.log"
    with log.open("wb") as file:
        file.truncate(folder.MAX_LOG_BYTES + 1)
    assert DataFolder(data).log_file("postgres") == log
    assert not log.exists()
    assert (data / "logs" / "postgres.log.1").stat().st_size == folder.MAX_LOG_BYTES + 1
