"""What both adapters make of servers that are overloaded, slow, broken or not what they seem."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from engines.remote.port import RemoteError, RemoteFault, RemoteState
from tests.support.remote.ace_step import tones
from tests.support.remote.ace_step.adapters import CPP, SERVER, SONG, connecting, submit
from tests.support.remote.engines import SECRET
from tests.support.remote.http_peer import HttpPeer, Reply, run_http_peer

MODEL: Final = "acestep-v15-turbo"
JOB: Final = "550e8400-e29b-41d4-a716-446655440000"
FLAC: Final = tones.encode(tones.tone(1, 1.0), "FLAC")


@dataclass(frozen=True)
class Dialect:
    """The routes of a server, and its answers about a job that succeeded."""

    kind: str
    submission: str
    state: tuple[str, str]
    audio: str
    succeeded: object

    def routes(self, peer: HttpPeer) -> None:
        """Answer everything but submissions."""
        peer.on("GET", "/v1/models", Reply({"data": {"models": [{"name": MODEL}]}}))
        peer.on("GET", "/props", Reply({"models": {"dit": [MODEL]}}))
        peer.on(*self.state, Reply(self.succeeded))


def result(**fields: object) -> dict[str, Any]:
    """An answer of /query_result about a job that succeeded."""
    item = {"file": "/v1/audio?path=%2Ftmp%2Fa.flac", "dit_model": MODEL, "seed_value": "12", "metas": {}, **fields}
    return answer_with(1, json.dumps([item]))


def answer_with(status: object, items: object) -> dict[str, Any]:
    return {"data": [{"task_id": JOB, "status": status, "result": items}], "code": 200}


PYTHON: Final = Dialect(SERVER, "/release_task", ("POST", "/query_result"), "/v1/audio", result())
CPLUSPLUS: Final = Dialect(CPP, "/synth", ("GET", "/job"), "/job", {"status": "done"})

both = pytest.mark.parametrize("dialect", [PYTHON, CPLUSPLUS], ids=lambda dialect: str(dialect.kind))


def patience(reply: Reply) -> float:
    """Return how many seconds to wait for a reply: few only for one that never comes."""
    return 1 if reply.is_silent else 60


async def fault(attempt: Any) -> RemoteError:  # noqa: ANN401  a call of an adapter
    with pytest.raises(RemoteError) as raised:
        await attempt
    assert SECRET not in raised.value.message
    assert "127.0.0.1" not in raised.value.message
    return raised.value


@both
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply({"detail": "busy"}, 429, {"Retry-After": "7"}), RemoteFault.UNAVAILABLE),
        (Reply({"error": "starting"}, 503), RemoteFault.UNAVAILABLE),
        (Reply(b"Internal Server Error", 500), RemoteFault.UNAVAILABLE),
        (Reply(b"", 501), RemoteFault.UNAVAILABLE),
        (Reply(b"", 502), RemoteFault.UNCERTAIN),
        (Reply(b"", 504), RemoteFault.UNCERTAIN),
        (Reply({"error": "Caption is required"}, 400), RemoteFault.REJECTED),
        (Reply({"detail": [{"msg": "not a number"}]}, 422), RemoteFault.REJECTED),
        (Reply(b"", 401), RemoteFault.REJECTED),
        (Reply(b"", 307, {"Location": "http://127.0.0.1:1/"}), RemoteFault.UNAVAILABLE),
        (Reply(is_silent=True), RemoteFault.UNCERTAIN),
        (Reply({"id": "1", "data": {"task_id": "1"}}, cut_at=9), RemoteFault.UNCERTAIN),
        (Reply(b"<html>"), RemoteFault.UNCERTAIN),
        (Reply([1]), RemoteFault.UNCERTAIN),
        (Reply({"id": 5, "data": {"task_id": 5}}), RemoteFault.UNCERTAIN),
        (Reply({"id": "", "data": []}), RemoteFault.UNCERTAIN),
    ],
)
async def test_a_submission_that_fails(dialect: Dialect, reply: Reply, expected: RemoteFault) -> None:
    async with run_http_peer() as peer:
        dialect.routes(peer)
        peer.on("POST", dialect.submission, reply)
        async with connecting(dialect.kind, peer.url, key=SECRET, response_seconds=patience(reply)) as engine:
            error = await fault(submit(engine))
        assert error.fault is expected
        assert len(peer.calls("POST", dialect.submission)) == 1
    assert error.retry_after_seconds == (7.0 if reply.status == 429 else None)


@both
async def test_a_server_that_is_not_there_accepts_nothing(dialect: Dialect) -> None:
    async with connecting(dialect.kind, "http://127.0.0.1:1") as engine:
        for attempt in (submit(engine), engine.poll(JOB), engine.check()):
            assert (await fault(attempt)).fault is RemoteFault.UNAVAILABLE


@both
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(b"", 429), RemoteFault.UNAVAILABLE),
        (Reply(b"", 500), RemoteFault.UNAVAILABLE),
        (Reply(b"", 404), RemoteFault.LOST),
        (Reply(is_silent=True), RemoteFault.UNAVAILABLE),
        (Reply({"status": "done"}, cut_at=4), RemoteFault.UNAVAILABLE),
        (Reply(b"null"), RemoteFault.UNAVAILABLE),
        (Reply({"status": "dreaming", "data": {}}), RemoteFault.UNAVAILABLE),
        (Reply({"status": ["done"], "data": [[]]}), RemoteFault.UNAVAILABLE),
    ],
)
async def test_a_poll_that_fails(dialect: Dialect, reply: Reply, expected: RemoteFault) -> None:
    async with run_http_peer() as peer:
        peer.on(*dialect.state, reply)
        async with connecting(dialect.kind, peer.url, key=SECRET, response_seconds=patience(reply)) as engine:
            assert (await fault(engine.poll(JOB))).fault is expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (answer_with(0, "[]"), RemoteFault.LOST),
        (answer_with(2, "[]"), RemoteFault.FAILED),
        (answer_with(2, '[{"error": "out of memory"}]'), RemoteFault.FAILED),
        (answer_with(7, "[]"), RemoteFault.UNAVAILABLE),
        (answer_with("1", "[]"), RemoteFault.UNAVAILABLE),
        (answer_with(1, "[{"), RemoteFault.UNAVAILABLE),
        (answer_with(1, None), RemoteFault.UNAVAILABLE),
        ({"data": [{"task_id": "another", "status": 1, "result": "[]"}]}, RemoteFault.UNAVAILABLE),
    ],
)
async def test_states_of_the_server_in_python_that_end_a_job(state: object, expected: RemoteFault) -> None:
    async with run_http_peer() as peer:
        peer.on(*PYTHON.state, Reply(state))
        async with connecting(SERVER, peer.url, key=SECRET) as engine:
            assert (await fault(engine.poll(JOB))).fault is expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("out of memory", "out of memory"),
        ("File /srv/acestep/handler.py, line 5", "ACE-Step failed to make the music."),
    ],
)
async def test_the_reason_of_a_failure_is_shown_without_paths(text: str, shown: str) -> None:
    async with run_http_peer() as peer:
        peer.on(*PYTHON.state, Reply(answer_with(2, json.dumps([{"error": text}]))))
        async with connecting(SERVER, peer.url) as engine:
            assert (await fault(engine.poll(JOB))).message == shown


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"stage": "queued", "progress": 0.0}, (RemoteState.QUEUED, None)),
        ({"stage": "decoding", "progress": 0.75}, (RemoteState.RUNNING, 0.75)),
        ({"progress": "N/A"}, (RemoteState.RUNNING, None)),
        ({}, (RemoteState.RUNNING, None)),
    ],
)
async def test_newer_servers_report_progress(
    item: Mapping[str, object], expected: tuple[RemoteState, float | None]
) -> None:
    async with run_http_peer() as peer:
        peer.on(*PYTHON.state, Reply(answer_with(0, json.dumps([item]))))
        async with connecting(SERVER, peer.url) as engine:
            status = await engine.poll(JOB)
    assert (status.state, status.fraction) == expected


@both
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(b"", 404), RemoteFault.LOST),
        (Reply(b"", 500), RemoteFault.UNAVAILABLE),
        (Reply(FLAC, cut_at=2000), RemoteFault.UNAVAILABLE),
        (Reply(is_silent=True), RemoteFault.UNAVAILABLE),
        (Reply(b"<html>Welcome</html>"), RemoteFault.FAILED),
        (Reply(b""), RemoteFault.FAILED),
        (Reply(FLAC * 100), RemoteFault.FAILED),
    ],
)
async def test_a_download_that_fails(dialect: Dialect, reply: Reply, expected: RemoteFault, tmp_path: Path) -> None:
    limits = {
        "response_seconds": patience(reply),
        "download_seconds": patience(reply),
        "max_file_bytes": 50 * len(FLAC),
    }
    async with run_http_peer() as peer:
        dialect.routes(peer)
        peer.on("GET", dialect.audio, reply)
        async with connecting(dialect.kind, peer.url, key=SECRET, **limits) as engine:
            assert (await fault(engine.fetch(JOB, {}, tmp_path))).fault is expected


@pytest.mark.parametrize(
    "body",
    [
        b"--x\r\nContent-Type: audio/wav\r\n\r\nRIFF",
        b"--x\r\nContent-Type: text/plain\r\n\r\nsorry\r\n--x--\r\n",
        b"no delimiter at all\r\n",
    ],
)
async def test_a_multipart_body_without_complete_audio(body: bytes, tmp_path: Path) -> None:
    async with run_http_peer() as peer:
        CPLUSPLUS.routes(peer)
        peer.on("GET", "/job", Reply(body, headers={"Content-Type": "multipart/mixed; boundary=x"}))
        async with connecting(CPP, peer.url) as engine:
            assert (await fault(engine.fetch(JOB, {}, tmp_path))).fault is RemoteFault.UNAVAILABLE


@pytest.mark.parametrize("file", ["", None, "http://127.0.0.1/v1/audio?path=a", "/v1/audio", "/etc/passwd", 5])
async def test_only_the_audio_route_of_the_server_is_called(file: object, tmp_path: Path) -> None:
    async with run_http_peer() as peer:
        peer.on(*PYTHON.state, Reply(result(file=file)))
        async with connecting(SERVER, peer.url) as engine:
            error = await fault(engine.fetch(JOB, {}, tmp_path))
        assert {call.path for call in peer.received} <= {"/query_result", "/v1/lora/status"}
    assert (error.fault, error.message) == (
        RemoteFault.FAILED,
        "ACE-Step reported success without an audio file.",
    )


@pytest.mark.parametrize(
    ("state", "adapters", "notes"),
    [
        (Reply({"data": {"loaded": True, "active": True, "adapters": ["singer"]}}), ("singer",), 0),
        (Reply({"data": {"lora_loaded": True, "use_lora": True}}), ("unnamed",), 0),
        (Reply({"data": {"loaded": True, "active": False, "adapters": ["singer"]}}), (), 0),
        (Reply(b"", 404), (), 0),
        (Reply(b"", 500), (), 1),
    ],
)
async def test_active_adapters_are_recorded(
    state: Reply, adapters: tuple[str, ...], notes: int, tmp_path: Path
) -> None:
    async with run_http_peer() as peer:
        result_with_facts = result(metas={"bpm": 120, "keyscale": "C major", "timesignature": "6"}, seed_value="12,13")
        peer.on(*PYTHON.state, Reply(result_with_facts))
        peer.on("GET", "/v1/lora/status", state)
        peer.on("GET", "/v1/audio", Reply(FLAC))
        async with connecting(SERVER, peer.url, key=SECRET) as engine:
            fetched = await engine.fetch(JOB, {}, tmp_path)
        assert all(call.headers["authorization"] == f"Bearer {SECRET}" for call in peer.received)
    assert (fetched.adapters, len(fetched.notes), fetched.seed) == (adapters, notes, 12)
    assert fetched.claims == {"tempo_bpm": 120.0, "key": "C major", "metre": "6/8"}


@both
async def test_a_different_server_is_not_healthy(dialect: Dialect) -> None:
    async with run_http_peer() as peer:
        peer.on("GET", "/health", Reply({"status": "fine"}))
        async with connecting(dialect.kind, peer.url) as engine:
            health = await engine.check()
    assert (health.is_healthy, health.message) == (False, "ACE-Step is not at this address.")


@both
async def test_a_submission_is_sent_as_it_was_stored(dialect: Dialect) -> None:
    async with run_http_peer() as peer:
        dialect.routes(peer)
        peer.on("POST", dialect.submission, Reply({"id": "9", "data": {"task_id": "9"}}))
        async with connecting(dialect.kind, peer.url, models=(MODEL,)) as engine:
            assert await submit(engine) == "9"
            assert [call.json for call in peer.calls("POST", dialect.submission)] == [engine.prepare(SONG)]
