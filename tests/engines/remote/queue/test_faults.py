"""Faults of services: what the adapter makes of refusals, overload, silence, half bodies and wrong types."""

import logging
from pathlib import Path

import pytest

from engines.remote.port import RemoteError, RemoteFault
from tests.support.remote.engines import SECRET, fault_of, open_engine, remote_request
from tests.support.remote.http_peer import Reply, run_http_peer
from tests.support.remote.tone_files import tone_wav

FAL = {"service": "fal_ace_step"}
LOCALAI = {"service": "localai"}
SUBMIT = ("POST", "/fal-ai/ace-step")
STATUS = ("GET", "/fal-ai/ace-step/requests/r1/status")
RESULT = ("GET", "/fal-ai/ace-step/requests/r1")
NAME = "ACE-Step at fal"
BROKEN = f"The connection to {NAME} broke off after the request was sent."


@pytest.mark.parametrize(
    ("reply", "fault", "message", "pause"),
    [
        (
            Reply({"detail": "Slow down"}, 429, {"Retry-After": "7"}),
            RemoteFault.UNAVAILABLE,
            f"{NAME} is not available: Slow down.",
            7.0,
        ),
        (
            Reply(b"<html>", 503, {"Retry-After": "Mon, 30 Nov 2020 00:00:00 GMT"}),
            RemoteFault.UNAVAILABLE,
            f"{NAME} is not available: it answered 503.",
            0.0,
        ),
        (
            Reply({"detail": "oops"}, 502),
            RemoteFault.UNCERTAIN,
            f"{NAME} answered 502, which leaves open whether it accepted the request.",
            None,
        ),
        (
            Reply({"detail": [{"loc": ["body", "tags"], "msg": "Too long"}]}, 422),
            RemoteFault.REJECTED,
            f"{NAME} refused the request: Too long.",
            None,
        ),
        (
            Reply({"detail": f"Key {SECRET} is wrong"}, 401),
            RemoteFault.REJECTED,
            f"{NAME} does not accept the credentials of this installation.",
            None,
        ),
        (
            Reply({"detail": "Not Found"}, 404),
            RemoteFault.REJECTED,
            f"{NAME} does not know the configured model or address.",
            None,
        ),
        (
            Reply(b"", 302, {"Location": "http://127.0.0.1/"}),
            RemoteFault.UNAVAILABLE,
            f"{NAME} answered 302 where it should not.",
            None,
        ),
        (Reply({"request_id": "r1"}, cut_at=5), RemoteFault.UNCERTAIN, BROKEN, None),
        (Reply([1]), RemoteFault.UNCERTAIN, f"{NAME} accepted the request without an id for it.", None),
        (Reply(b"<html>"), RemoteFault.UNCERTAIN, f"{NAME} accepted the request without an id for it.", None),
        (
            Reply({"request_id": {"a": 1}}),
            RemoteFault.UNCERTAIN,
            f"{NAME} accepted the request without an id for it.",
            None,
        ),
        (
            Reply({"request_id": "x" * 201}),
            RemoteFault.UNCERTAIN,
            f"{NAME} accepted the request without an id for it.",
            None,
        ),
    ],
)
async def test_a_submission(reply: Reply, fault: RemoteFault, message: str, pause: float | None) -> None:
    async with run_http_peer() as peer, open_engine("queue", peer.url, FAL) as engine:
        peer.on(*SUBMIT, reply)
        with pytest.raises(RemoteError) as raised:
            await engine.submit(remote_request(engine))
        assert (*fault_of(raised.value), raised.value.retry_after_seconds) == (fault, message, pause)


async def test_a_peer_that_accepts_no_connection_is_unavailable() -> None:
    async with open_engine("queue", "http://127.0.0.1:9", FAL) as engine:
        with pytest.raises(RemoteError) as raised:
            await engine.submit(remote_request(engine))
        assert fault_of(raised.value) == (RemoteFault.UNAVAILABLE, f"The connection to {NAME} cannot be made.")


async def test_a_silent_peer_leaves_a_submission_uncertain_and_a_poll_unavailable() -> None:
    async with (
        run_http_peer() as peer,
        open_engine("queue", peer.url, FAL, response_seconds=0.1) as engine,
    ):
        peer.on(*SUBMIT, Reply(is_silent=True))
        peer.on(*STATUS, Reply(is_silent=True))
        with pytest.raises(RemoteError) as raised:
            await engine.submit(remote_request(engine))
        assert fault_of(raised.value) == (RemoteFault.UNCERTAIN, f"{NAME} did not answer within 0.1 s.")
        with pytest.raises(RemoteError) as raised:
            await engine.poll("r1")
        assert fault_of(raised.value) == (RemoteFault.UNAVAILABLE, f"{NAME} did not answer within 0.1 s.")


@pytest.mark.parametrize(
    ("reply", "fault", "message"),
    [
        (Reply({"detail": "gone"}, 404), RemoteFault.LOST, f"{NAME} no longer knows the job."),
        (Reply({"status": "NOT_FOUND"}), RemoteFault.LOST, f"{NAME} no longer knows the job."),
        (Reply(b"", 500), RemoteFault.UNAVAILABLE, f"{NAME} is not available: it answered 500."),
        (Reply(b"{", 200), RemoteFault.UNAVAILABLE, f"{NAME} answered with an unknown state of the job."),
        (
            Reply({"status": ["IN_QUEUE"]}),
            RemoteFault.UNAVAILABLE,
            f"{NAME} answered with an unknown state of the job.",
        ),
        (Reply({"status": "ODD"}), RemoteFault.UNAVAILABLE, f"{NAME} answered with an unknown state of the job."),
        (Reply({"status": "IN_QUEUE"}, cut_at=3), RemoteFault.UNAVAILABLE, f"The connection to {NAME} broke off."),
        (Reply(b"x" * 1_048_577), RemoteFault.UNAVAILABLE, f"{NAME} sent an answer that is too large."),
        (Reply({"status": "COMPLETED", "error": "bad\n tags"}), RemoteFault.FAILED, f"{NAME} failed: bad tags."),
    ],
)
async def test_a_poll(reply: Reply, fault: RemoteFault, message: str) -> None:
    async with run_http_peer() as peer, open_engine("queue", peer.url, FAL) as engine:
        peer.on(*STATUS, reply)
        with pytest.raises(RemoteError) as raised:
            await engine.poll("r1")
        assert fault_of(raised.value) == (fault, message)


@pytest.mark.parametrize("position", ["2", None, -1, True, 1.5])
async def test_a_queue_position_of_a_wrong_type_is_unknown(position: object) -> None:
    async with run_http_peer() as peer, open_engine("queue", peer.url, FAL) as engine:
        peer.on(*STATUS, Reply({"status": "IN_QUEUE", "queue_position": position}))
        assert (await engine.poll("r1")).queue_position is None


@pytest.mark.parametrize(
    ("audio", "fault", "message"),
    [
        (None, RemoteFault.FAILED, f"{NAME} reports a success without audio."),
        (["x"], RemoteFault.FAILED, f"{NAME} reports a success without audio."),
        (
            "http://127.0.0.1:9/x.wav",
            RemoteFault.UNAVAILABLE,
            f"{NAME} refers to an address without TLS, and the operator has not allowed its host.",
        ),
        (
            "https://127.0.0.1:9/x.wav",
            RemoteFault.UNAVAILABLE,
            f"{NAME} refers to an address that is not on the public Internet.",
        ),
        (
            "file:///etc/passwd",
            RemoteFault.UNAVAILABLE,
            f"{NAME} refers to an address without TLS, and the operator has not allowed its host.",
        ),
        ("/cut", RemoteFault.UNAVAILABLE, f"The connection to {NAME} broke off."),
        ("/gone", RemoteFault.LOST, f"{NAME} answered 404 to the download."),
        ("/broken", RemoteFault.UNAVAILABLE, f"{NAME} answered 500 to the download."),
        (
            "/private",
            RemoteFault.UNAVAILABLE,
            f"{NAME} refers to an address that is not on the public Internet.",
        ),
        ("/circle", RemoteFault.UNAVAILABLE, f"{NAME} redirects a download too often."),
        ("/page", RemoteFault.FAILED, f"{NAME} sent a file that is no audio."),
        ("/empty", RemoteFault.FAILED, f"{NAME} sent an empty file."),
        ("/large", RemoteFault.FAILED, f"{NAME} sent a file of more than 100,000 bytes."),
    ],
)
async def test_a_fetch(audio: object, fault: RemoteFault, message: str, tmp_path: Path) -> None:
    async with (
        run_http_peer() as peer,
        open_engine("queue", peer.url, FAL, max_file_bytes=100_000) as engine,
    ):
        peer.on(*RESULT, Reply({"audio": {"url": audio}}))
        peer.on("GET", "/cut", Reply(tone_wav(), cut_at=1000))
        peer.on("GET", "/gone", Reply(b"", 404))
        peer.on("GET", "/broken", Reply(b"", 500))
        peer.on("GET", "/private", Reply(b"", 302, {"Location": "https://169.254.169.254/latest/meta-data"}))
        peer.on("GET", "/circle", Reply(b"", 302, {"Location": "/circle"}))
        peer.on("GET", "/page", Reply(b"<html>no</html>", headers={"Content-Type": "audio/wav"}))
        peer.on("GET", "/empty", Reply(b""))
        peer.on("GET", "/large", Reply(b"RIFF" * 25_001))
        with pytest.raises(RemoteError) as raised:
            await engine.fetch("r1", {}, tmp_path)
        assert fault_of(raised.value) == (fault, message)


async def test_credentials_go_to_the_configured_host_only(tmp_path: Path) -> None:
    async with run_http_peer() as peer, run_http_peer() as files:
        hosts = [files.url.removeprefix("http://")]
        async with open_engine("queue", peer.url, {**FAL, "file_hosts": hosts}) as engine:
            peer.on(*RESULT, Reply({"audio": {"url": "/files/a.wav"}}))
            peer.on("GET", "/files/a.wav", Reply(b"", 302, {"Location": f"{files.url}/a.wav"}))
            files.on("GET", "/a.wav", Reply(tone_wav()))
            await engine.fetch("r1", {}, tmp_path)
        assert [each.headers.get("authorization") for each in peer.received] == [f"Key {SECRET}"] * 2
        assert [each.headers.get("authorization") for each in files.received] == [None]


@pytest.mark.parametrize("hosts", ["files.lan", ["files.lan:x"], [1]])
async def test_hosts_of_files_are_checked(hosts: object) -> None:
    with pytest.raises(ValueError, match="host"):
        async with open_engine("queue", "http://127.0.0.1:9", {**FAL, "file_hosts": hosts}):
            pass


async def test_an_id_cannot_leave_its_place_in_an_address() -> None:
    async with run_http_peer() as peer, open_engine("queue", peer.url, FAL) as engine:
        with pytest.raises(RemoteError):
            await engine.poll("../../other")
        assert peer.received[0].path == "/fal-ai/ace-step/requests/../../other/status"
        assert not peer.calls("GET", "/fal-ai/other/status")


async def test_secrets_and_addresses_reach_neither_messages_nor_logs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with run_http_peer() as peer, open_engine("queue", peer.url, FAL) as engine:
        host = peer.url.removeprefix("http://")
        echo = f"header 'Key {SECRET}' of {peer.url}/x at {host} is refused"
        peer.on(*SUBMIT, Reply({"detail": echo}, 422))
        peer.on(*STATUS, Reply({"status": "COMPLETED", "error": echo}))
        peer.on(*RESULT, Reply({"audio": {"url": "/a"}, "seed": 1}))
        peer.on("GET", "/a", Reply(tone_wav()))
        texts = [repr(engine.prepare(remote_request(engine).render)), repr(engine.info)]
        for call in (engine.submit(remote_request(engine)), engine.poll("r1")):
            with pytest.raises(RemoteError) as raised:
                await call
            texts += [raised.value.message, repr(raised.value)]
        texts += [repr(await engine.fetch("r1", {}, tmp_path)), caplog.text]
        assert not any(SECRET in text or host in text for text in texts)
        assert "header '[removed]' of [removed] at [removed] is refused" in texts[2]
