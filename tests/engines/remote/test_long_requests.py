"""Requests whose answer is the result: kept answers, deadlines, and processes that die while they wait."""

import asyncio
import os
import re
from pathlib import Path
from typing import Any

import pytest

from engines.remote import long_requests
from engines.remote.port import RemoteError, RemoteFault, RemoteState
from tests.support.remote.engines import fault_of, open_engine, remote_request
from tests.support.remote.http_peer import HttpPeer, Reply, run_http_peer
from tests.support.remote.tone_files import tone_wav

SUBMIT = ("POST", "/v1/sound-generation")


def localai(peer: HttpPeer, folder: Path, **options: Any) -> Any:  # noqa: ANN401  a context manager
    return open_engine("queue", peer.url, {"service": "localai", "answers_dir": str(folder / "kept"), **options})


async def test_an_answer_outlives_its_process_and_is_not_requested_twice(tmp_path: Path) -> None:
    async with run_http_peer() as peer:
        peer.on(*SUBMIT, Reply(tone_wav()))
        async with localai(peer, tmp_path) as engine:
            foreign_id = await engine.submit(remote_request(engine))
        async with localai(peer, tmp_path) as engine:
            assert await engine.submit(remote_request(engine)) == foreign_id
            assert (await engine.poll(foreign_id)).state is RemoteState.SUCCEEDED
            for _ in range(2):
                assert (await engine.fetch(foreign_id, {}, tmp_path)).path.read_bytes() == tone_wav()
        assert len(peer.received) == 1


async def test_a_request_whose_process_died_is_uncertain_and_not_sent_again(tmp_path: Path) -> None:
    async with run_http_peer() as peer:
        peer.on(*SUBMIT, Reply(is_silent=True))
        async with localai(peer, tmp_path) as engine:
            waiting = asyncio.create_task(engine.submit(remote_request(engine)))
            await peer.has_received.wait()
            waiting.cancel()
            await asyncio.wait({waiting})
        peer.on(*SUBMIT, Reply(tone_wav()))
        async with localai(peer, tmp_path) as engine:
            with pytest.raises(RemoteError) as raised:
                await engine.submit(remote_request(engine))
        message = "The request was sent to LocalAI before, and its answer was lost; LocalAI may charge for it."
        assert fault_of(raised.value) == (RemoteFault.UNCERTAIN, message)
        assert len(peer.received) == 1


@pytest.mark.parametrize("reply", [Reply(tone_wav(), cut_at=500), Reply(is_silent=True), Reply(b"", 504)])
async def test_a_request_without_a_whole_answer_is_uncertain(reply: Reply, tmp_path: Path) -> None:
    async with run_http_peer() as peer, localai(peer, tmp_path, request_seconds=1) as engine:
        peer.on(*SUBMIT, reply)
        with pytest.raises(RemoteError) as raised:
            await engine.submit(remote_request(engine))
        assert raised.value.fault is RemoteFault.UNCERTAIN


async def test_a_refused_request_may_be_sent_again(tmp_path: Path) -> None:
    async with run_http_peer() as peer, localai(peer, tmp_path) as engine:
        busy = Reply({"error": {"message": "busy"}}, 429, {"Retry-After": "3"})
        peer.on(*SUBMIT, busy, Reply({"error": {"message": "no such model"}}, 400), Reply(tone_wav()))
        faults = []
        for _ in range(2):
            with pytest.raises(RemoteError) as raised:
                await engine.submit(remote_request(engine))
            faults.append((*fault_of(raised.value), raised.value.retry_after_seconds))
        assert faults == [
            (RemoteFault.UNAVAILABLE, "LocalAI is not available: busy.", 3.0),
            (RemoteFault.REJECTED, "LocalAI refused the request: no such model.", None),
        ]
        assert await engine.submit(remote_request(engine))


@pytest.mark.parametrize("request_id", ["0" * 32, "..", "/etc"])
async def test_an_unknown_answer_is_lost(request_id: str, tmp_path: Path) -> None:
    async with run_http_peer() as peer, localai(peer, tmp_path) as engine:
        with pytest.raises(RemoteError) as raised:
            await engine.poll(request_id)
        assert fault_of(raised.value) == (RemoteFault.LOST, "The answer of LocalAI is no longer here.")


async def test_old_answers_are_removed_and_new_ones_are_private(tmp_path: Path) -> None:
    async with run_http_peer() as peer, localai(peer, tmp_path) as engine:
        peer.on(*SUBMIT, Reply(tone_wav()))
        first = tmp_path / "kept" / await engine.submit(remote_request(engine, key="gen_1"))
        old = first.stat().st_mtime - long_requests.KEPT_SECONDS - 1
        os.utime(first, (old, old))
        second = tmp_path / "kept" / await engine.submit(remote_request(engine, key="gen_2"))
        assert [path.name for path in (tmp_path / "kept").iterdir()] == [second.name]
        assert second.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"request_seconds": -1}, "The option request_seconds of a remote engine is -1; it must be a positive number."),
        ({"answers_dir": "here"}, "The option answers_dir of a remote engine is 'here'; it must be an absolute path."),
    ],
)
async def test_wrong_options_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        async with open_engine("queue", "http://127.0.0.1:9", {"service": "localai", **options}):
            pass
