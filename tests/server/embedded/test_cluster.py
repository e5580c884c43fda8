import os
import signal
from pathlib import Path

import pytest

from server.embedded.errors import StartupError
from server.embedded.stack import Stack
from tests.support.processes import embedded_stack


def startup_error(data: Path) -> str:
    with pytest.raises(StartupError) as caught:
        Stack(data).start()
    return str(caught.value)


def test_a_cluster_of_another_major_version_is_rejected_unchanged(data: Path) -> None:
    cluster = data / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("16\n")
    assert startup_error(data) == (
        f"The data folder {data} was created by Postgres 16 and this is Postgres 18: "
        "start the Music Studio that created it, or choose another folder with --data-dir."
    )
    assert [path.name for path in cluster.iterdir()] == ["PG_VERSION"]


def test_a_folder_with_unknown_files_is_rejected_unchanged(data: Path) -> None:
    cluster = data / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "holiday.jpg").touch()
    assert startup_error(data) == (
        f"The folder {cluster} contains files but no Postgres cluster: move it away, then start again."
    )
    assert [path.name for path in cluster.iterdir()] == ["holiday.jpg"]


def test_a_cluster_without_its_password_file_is_rejected(data: Path) -> None:
    with Stack(data):
        secret = data / "secrets" / "postgres-password"
    secret.unlink()
    assert startup_error(data) == (
        f"The password file {secret} of the existing database is missing: "
        "restore it from a backup, or choose another folder with --data-dir."
    )


def test_an_incomplete_cluster_of_a_killed_start_is_replaced(data: Path) -> None:
    supervisor = embedded_stack.start_in_subprocess(data)
    assert embedded_stack.becomes_true((data / "postgres.new" / "data" / "global").exists)
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.communicate()
    assert not (data / "postgres").exists()
    with Stack(data) as stack:
        assert embedded_stack.sql(stack, "SELECT current_user, current_database()") == [("studio", "studio")]
    assert not (data / "postgres.new").exists()


def test_a_postgres_that_cannot_start_reports_its_reason(data: Path) -> None:
    with Stack(data):
        pass
    (data / "postgres" / "global" / "pg_control").unlink()
    assert startup_error(data).startswith("Postgres did not start (postgres: could not find the database system")
    assert startup_error(data).endswith(f"; its log is {data}/logs/postgres.log.")
