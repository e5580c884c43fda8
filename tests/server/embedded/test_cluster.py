import os
import signal
from pathlib import Path

import pytest

from server.embedded.errors import StartupError
from server.embedded.stack import Stack
from tests.support import embedded_stack


def refusal(data: Path) -> str:
    with pytest.raises(StartupError) as caught:
        Stack(data).start()
    return str(caught.value)


def test_a_cluster_of_another_major_version_is_refused_untouched(data: Path) -> None:
    cluster = data / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("16\n")
    assert refusal(data) == (
        f"The data folder {data} was made by Postgres 16 and this is Postgres 18: "
        "start the Music Studio that made it, or choose another folder with --data-dir."
    )
    assert [path.name for path in cluster.iterdir()] == ["PG_VERSION"]


def test_a_folder_with_foreign_files_is_refused_untouched(data: Path) -> None:
    cluster = data / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "holiday.jpg").touch()
    assert refusal(data) == (
        f"The folder {cluster} holds files but no Postgres cluster: move it away, then start again."
    )
    assert [path.name for path in cluster.iterdir()] == ["holiday.jpg"]


def test_a_cluster_without_its_password_is_refused(data: Path) -> None:
    with Stack(data):
        secret = data / "secrets" / "postgres-password"
    secret.unlink()
    assert refusal(data) == (
        f"The password file {secret} is missing while its database is there: "
        "bring it back from a backup, or choose another folder with --data-dir."
    )


def test_a_half_made_cluster_of_a_killed_start_is_made_again(data: Path) -> None:
    supervisor = embedded_stack.start_elsewhere(data)
    assert embedded_stack.comes_true((data / "postgres.new" / "data" / "global").exists)
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.communicate()
    assert not (data / "postgres").exists()
    with Stack(data) as stack:
        assert embedded_stack.sql(stack, "SELECT current_user, current_database()") == [("studio", "studio")]
    assert not (data / "postgres.new").exists()


def test_a_postgres_that_cannot_start_says_why(data: Path) -> None:
    with Stack(data):
        pass
    (data / "postgres" / "global" / "pg_control").unlink()
    assert refusal(data).startswith("Postgres did not start (postgres: could not find the database system")
    assert refusal(data).endswith(f"; its log is {data}/logs/postgres.log.")
