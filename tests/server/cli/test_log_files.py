"""``studio logs``: lines of all processes in order, filters, and new lines while it follows; ids of jobs in logs."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.network import tls
from core.settings import Settings
from server.embedded import ports
from tests.support.polling import wait_until
from tests.support.processes import process_fork_server
from tests.support.processes.cli import run_cli
from tests.support.processes.servers import process
from tests.support.users import Cast


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a data folder that contains logs."""
    folder = tmp_path / "logs"
    folder.mkdir()
    write(folder / "server.log", line(2, "POST", job="mgen_1 mgen_2"), line(5, "wrong", "warning", exception="Tr\nace"))
    write(folder / "server.log.1", line(1, "earliest"))
    write(
        folder / "worker-1.log", line(3, "generation started", job="mgen_1"), "a last word", line(4, "chatty", "debug")
    )
    write(folder / "postgres.log", "another format")
    return settings.model_copy(update={"data_dir": tmp_path})


def line(second: int, message: str, level: str = "info", **fields: str) -> str:
    at = f"2026-11-30T00:00:0{second}Z"
    return json.dumps({"time": at, "level": level, "logger": "x", "message": message, **fields})


def write(path: Path, *lines: str) -> None:
    with path.open("a") as file:
        file.writelines(f"{each}\n" for each in lines)


def logs(own: Settings, *options: str) -> list[dict[str, Any]]:
    status, output = run_cli(own, *options, "--json", command="logs")
    assert status == 0, output
    return [json.loads(each) for each in output.splitlines()]


def test_the_lines_of_all_processes_are_in_the_order_of_time(own: Settings) -> None:
    found = [(each["process"], each["message"]) for each in logs(own)]
    assert found == [
        ("server", "earliest"),
        ("server", "POST"),
        ("worker-1", "generation started"),
        ("worker-1", "a last word"),
        ("server", "wrong"),
    ]
    assert [each["message"] for each in logs(own, "--level", "debug", "-n", "2")] == ["chatty", "wrong"]
    assert [each["message"] for each in logs(own, "--level", "warning")] == ["wrong"]
    status, output = run_cli(own, "--level", "warning", command="logs")
    assert (status, output) == (0, "2026-11-30T00:00:05Z server    warning wrong\nTr\nace\n")


def test_lines_of_the_text_format_have_a_level_and_a_time(own: Settings) -> None:
    folder = own.data_dir / "logs"
    for path in folder.glob("*.log*"):
        path.unlink()
    write(folder / "server.log", "10:00:01 info    GET  status=200", "10:00:03 warning slow", "Traceback")
    write(folder / "worker-1.log", "10:00:02 error   failed")
    assert [each["message"] for each in logs(own)] == ["GET  status=200", "failed", "slow", "Traceback"]
    assert [each["message"] for each in logs(own, "--level", "warning")] == ["failed", "slow"]


def test_only_lines_of_a_job_are_printed(own: Settings) -> None:
    assert [each["message"] for each in logs(own, "--job", "mgen_1")] == ["POST", "generation started"]
    assert logs(own, "--job", "mgen_9") == []


def test_following_prints_new_lines_of_all_files(own: Settings, tmp_path: Path) -> None:
    output, folder = tmp_path / "output", own.data_dir / "logs"
    environment = process_fork_server.environment(own)
    words = ["logs", "--follow", "--job", "mgen_1", "--json"]
    child = process_fork_server.shared().fork(words, environment, output)
    wait_until(lambda: output.read_text().count("\n") == 2)
    write(folder / "worker-2.log", line(6, "elsewhere", job="mgen_2"), line(7, "generation succeeded", job="mgen_1"))
    wait_until(lambda: output.read_text().count("\n") == 3)
    # a file that was rotated begins again
    (folder / "server.log").write_text("")
    write(folder / "server.log", line(8, "GET", job="mgen_1"))
    wait_until(lambda: output.read_text().count("\n") == 4)
    child.terminate()
    child.wait()
    assert [json.loads(each)["message"] for each in output.read_text().splitlines()[2:]] == [
        "generation succeeded",
        "GET",
    ]


async def test_each_line_about_a_generation_has_its_id_in_server_and_worker(
    settings: Settings, cast: Cast, quiet_redis_url: str, tmp_path: Path
) -> None:
    server = settings.server.model_copy(update={"port": ports.find_free(), "public_url": None})
    own = settings.model_copy(update={"server": server, "redis_url": quiet_redis_url})
    log = tmp_path / "log"
    with process(own, "serve", log=log), process(own, "worker", log=log):
        wait_until(lambda: "Uvicorn running on" in log.read_text())
        async with httpx.AsyncClient(base_url=own.public_url, timeout=100, verify=tls.default_context()) as client:
            url = f"/v1/music/{cast.ada.organization_id}/generations"
            body = {"engine": "studio", "prompt": "calm piano", "duration_seconds": 1}
            answer = await client.post(url, json=body, headers=cast.ada.headers)
        job_id = answer.json()["id"]
        wait_until(lambda: "generation succeeded" in log.read_text() and '"POST"' in log.read_text())
    written = log.read_text().splitlines()
    assert [each for each in written if not each.startswith("{")] == []
    lines = [json.loads(each) for each in written]
    # a worker may start before the response is logged
    assert sorted(each["message"] for each in lines if each.get("job") == job_id) == [
        "POST",
        "generation started",
        "generation succeeded",
    ]
    assert [each for each in lines if each["level"] not in {"info", "debug"}] == []
