import os
import re
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import redis

from server.embedded import restarts
from server.embedded.errors import StartupError
from server.embedded.stack import RunningStack, Stack, find_running, temporary_stack
from tests.support.processes import embedded_stack


@pytest.fixture(scope="module")
def initialized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty database."""
    data = tmp_path_factory.mktemp("initialized") / "var"
    with Stack(data):
        pass
    return data


@pytest.fixture
def data(initialized: Path, tmp_path: Path) -> Path:
    """A copy of the data folder: to create a database takes a test ten times as long."""
    copy = tmp_path / "var"
    # with the owners of the files
    subprocess.run(["cp", "-a", initialized, copy], check=True)  # noqa: S603, S607  a fixed command
    return copy


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "new"


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has parent-death signals")


def test_rows_and_keys_persist_between_runs(new: Path) -> None:
    with Stack(new) as stack:
        embedded_stack.write(stack, 1)
    with Stack(new) as stack:
        embedded_stack.write(stack, 2)
        assert embedded_stack.read(stack) == ([1, 2], [1, 2])


def test_killed_services_are_restarted_on_their_ports_and_lose_nothing_that_was_acknowledged(data: Path) -> None:
    reports: list[str] = []
    failures: list[str] = []
    with Stack(data, report=reports.append, on_failure=failures.append) as stack:
        urls, first_pids = (stack.database_url, stack.redis_url), stack.pids
        for number in range(20):
            embedded_stack.write(stack, number)
        for pid in first_pids:
            os.kill(pid, signal.SIGKILL)
        assert embedded_stack.becomes_true(lambda: len(reports) == 2)
        assert embedded_stack.becomes_true(lambda: embedded_stack.is_reachable(stack))
        assert embedded_stack.read(stack) == (list(range(20)), list(range(20)))
        assert (stack.database_url, stack.redis_url) == urls
        assert not set(first_pids) & set(stack.pids)
    assert embedded_stack.service_pids(data) == []
    assert sorted(reports) == [
        f"{name} was killed by signal SIGKILL; its log is {data}/logs/{name.lower()}.log. Restarting."
        for name in ("Postgres", "Valkey")
    ]
    assert failures == []


def test_a_service_that_cannot_be_restarted_is_a_failure(data: Path) -> None:
    reports: list[str] = []
    failures: list[str] = []
    with Stack(data, report=reports.append, on_failure=failures.append) as stack:
        (data / "postgres" / "global" / "pg_control").unlink()
        os.kill(stack.pids[0], signal.SIGKILL)
        assert embedded_stack.becomes_true(lambda: bool(failures))
    assert len(reports) == restarts.MAX_FAILED_STARTS
    expected = r"Postgres did not start \(.+\); its log is .+\. It was restarted 3 times in the last minute\."
    assert re.fullmatch(expected, failures[0])


def test_a_stop_is_not_reported_as_an_exit_and_leaves_no_process(data: Path) -> None:
    reports: list[str] = []
    with Stack(data, report=reports.append, on_failure=reports.append) as stack:
        assert len(stack.pids) == 2
        assert set(stack.pids) <= set(embedded_stack.service_pids(data))
    assert embedded_stack.service_pids(data) == []
    assert reports == []


def test_a_second_start_on_the_same_folder_names_the_running_one(data: Path) -> None:
    with Stack(data) as stack:
        stack.announce("http://127.0.0.1:8000")
        with pytest.raises(StartupError) as error:
            Stack(data).start()
        assert embedded_stack.sql(stack, "SELECT 1") == [(1,)]
    assert str(error.value) == (
        f"Music Studio already runs on the data folder {data} at http://127.0.0.1:8000 (process {os.getpid()}): "
        "use that one, stop it first, or choose another folder with --data-dir."
    )


def test_find_running_returns_the_stack_of_a_folder(new: Path) -> None:
    assert find_running(new) is None
    with Stack(new) as stack:
        stack.announce("http://127.0.0.1:8000")
        expected = RunningStack(os.getpid(), "http://127.0.0.1:8000", stack.database_url, stack.redis_url)
        assert find_running(new) == expected
    assert find_running(new) is None


def test_urls_contain_user_password_and_loopback_address(new: Path) -> None:
    with Stack(new) as stack:
        assert re.fullmatch(r"postgresql://studio:[\w-]{43}@127\.0\.0\.1:\d+/studio", stack.database_url)
        assert re.fullmatch(r"redis://:[\w-]{43}@127\.0\.0\.1:\d+/0", stack.redis_url)
        assert embedded_stack.sql(stack, "SHOW password_encryption") == [("scram-sha-256",)]
        assert embedded_stack.sql(stack, "SELECT DISTINCT auth_method FROM pg_hba_file_rules") == [("scram-sha-256",)]


def test_valkey_requires_the_password(data: Path) -> None:
    with Stack(data) as stack:
        client = redis.Redis(port=int(stack.redis_url.rpartition(":")[2].removesuffix("/0")))
        with pytest.raises(redis.AuthenticationError):
            client.ping()
        client.close()


def test_secrets_are_readable_by_their_owner_only(new: Path) -> None:
    with Stack(new):
        secrets = new / "secrets"
        assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
        assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()} == {
            "postgres-password": 0o600,
            "valkey-password": 0o600,
        }


@on_linux
def test_no_password_is_in_the_process_list(data: Path) -> None:
    with Stack(data) as stack:
        secrets = [path.read_bytes() for path in (data / "secrets").iterdir()]
        seen = [Path(f"/proc/{pid}/{file}").read_bytes() for pid in stack.pids for file in ("cmdline", "environ")]
    assert [secret for secret in secrets for text in seen if secret in text] == []


@pytest.mark.parametrize("name", ["two words", "müsic データ", "l" * 120 + "/" + "o" * 120])
def test_the_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    data = tmp_path / name
    for number in (1, 2):
        with Stack(data) as stack:
            embedded_stack.write(stack, number)
            assert embedded_stack.read(stack)[0] == list(range(1, number + 1))


def test_external_services_are_not_started(new: Path) -> None:
    with Stack(new, database_url="postgresql://elsewhere/studio", redis_url="redis://elsewhere") as stack:
        assert stack.pids == ()
        assert (stack.database_url, stack.redis_url) == ("postgresql://elsewhere/studio", "redis://elsewhere")
        assert find_running(new) == RunningStack(os.getpid(), "", "", "")
        assert not (new / "postgres").exists()


def test_a_damaged_append_only_file_is_renamed(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Stack(data) as stack:
        embedded_stack.write(stack, 1)
    file = next((data / "valkey" / "appendonlydir").glob("*.incr.aof"))
    file.write_bytes(b"no such command\n" + file.read_bytes())
    with Stack(data) as stack:
        embedded_stack.write(stack, 2)
        assert embedded_stack.read(stack) == ([1, 2], [2])
    damaged = next((data / "valkey").glob("damaged-*"))
    assert (damaged / file.name).exists()
    assert caplog.messages == [f"Valkey's append-only file is damaged; renamed to {damaged}, starting empty"]


def test_a_failed_start_leaves_no_process_and_unlocks_the_folder(data: Path) -> None:
    with Stack(data):
        pass
    (data / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(StartupError):
        Stack(data).start()
    assert embedded_stack.service_pids(data) == []
    assert find_running(data) is None


def test_services_outlive_the_thread_that_started_them(data: Path) -> None:
    stack = Stack(data)
    starter = threading.Thread(target=stack.start)
    starter.start()
    starter.join()
    try:
        assert embedded_stack.sql(stack, "SELECT 1") == [(1,)]
    finally:
        stack.stop()


@on_linux
def test_services_end_with_a_killed_supervisor_and_start_again_with_every_row(data: Path) -> None:
    with Stack(data) as stack:
        embedded_stack.write(stack, 7)
    supervisor = embedded_stack.start_in_subprocess(data)
    assert len(embedded_stack.read_pids(supervisor)) == 2
    supervisor.kill()
    supervisor.communicate()
    assert embedded_stack.becomes_true(lambda: embedded_stack.service_pids(data) == [])
    with Stack(data) as stack:
        assert embedded_stack.read(stack) == ([7], [7])


@on_linux
def test_everything_killed_at_once_is_followed_by_a_clean_start(data: Path) -> None:
    with Stack(data) as stack:
        embedded_stack.write(stack, 7)
    supervisor = embedded_stack.start_in_subprocess(data)
    services = embedded_stack.read_pids(supervisor)
    for pid in (*services, supervisor.pid):
        os.kill(pid, signal.SIGKILL)
    supervisor.communicate()
    with Stack(data) as stack:
        assert embedded_stack.read(stack) == ([7], [7])


def test_orphaned_services_are_terminated_before_new_ones_start(data: Path) -> None:
    lost = Stack(data)
    lost.start()
    embedded_stack.write(lost, 7)
    # a supervisor that is gone restarts nothing
    for service in (lost._postgres, lost._valkey):
        assert service
        service._restarter.stop()
    lost._lock.release()
    lost_pids = lost.pids
    with Stack(data) as stack:
        assert not set(lost_pids) & set(embedded_stack.service_pids(data))
        assert embedded_stack.read(stack) == ([7], [7])


def test_a_temporary_stack_is_not_durable_and_leaves_nothing() -> None:
    with temporary_stack() as stack:
        folder = stack.folder.path
        assert embedded_stack.sql(stack, "SHOW fsync") == [("off",)]
        with redis.Redis.from_url(stack.redis_url) as client:
            assert client.config_get("appendonly") == {"appendonly": "no"}
    assert not folder.exists()
    assert embedded_stack.service_pids(folder) == []
