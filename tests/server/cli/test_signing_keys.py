"""Keys of URLs: their rotation, and processes of one installation with different keys."""

import asyncio
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Final

import httpx
import pytest
import redis

from core.network import tls
from core.settings import ReceiptSettings, Settings
from resolvers.signing import keyring, signatures
from resolvers.signing.signatures import Signer
from server.embedded import ports
from storage.blobs.signed_urls import UrlSigner
from storage.postgres.database import Database
from storage.redis import key_registry
from storage.redis.key_registry import KeyUse
from tests.support.audio import media_files
from tests.support.processes.cli import run_cli
from tests.support.processes.servers import process, run_server
from tests.support.users import Cast

OLD: Final = "the key that signed until yesterday"
NEW: Final = "the key that signs from today onwards"
OTHER: Final = "a key that this server does not have"


@pytest.fixture
def own(settings: Settings, quiet_redis_url: str, tmp_path: Path) -> Settings:
    """Settings of a server with a data folder of its own, and no record of servers that tests have killed."""
    with redis.from_url(quiet_redis_url) as client:
        client.flushdb()
    server = settings.server.model_copy(update={"port": ports.find_free(), "public_url": None})
    return settings.model_copy(update={"server": server, "redis_url": quiet_redis_url, "data_dir": tmp_path})


async def test_urls_of_earlier_keys_stay_valid_while_the_first_key_signs(
    own: Settings, cast: Cast, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "source").write_bytes(b"music")
    blob = await media_files.put_track_file(database, own, cast.ada, tmp_path / "source")
    both = own.model_copy(update={"signing_keys": (NEW, OLD)})

    def file_url(key: str) -> str:
        return media_files.build_link(own.model_copy(update={"signing_keys": (key,)}), cast.ada, blob)

    def stream_url(key: str) -> str:
        # with a valid signature, a session that does not exist is not found
        session_id, expires = "mfocus_" + "0" * 24, int(time.time()) + 60
        signature = hmac.new(key.encode(), f"STREAM\n{session_id}\n{expires}".encode(), hashlib.sha256).hexdigest()
        path = f"/v1/music/{cast.ada.organization_id}/focus/sessions/{session_id}/stream.m3u8"
        return f"{own.public_url}{path}?expires={expires}&signature={signature}"

    with run_server(both, tmp_path / "log"):
        async with httpx.AsyncClient(timeout=100, verify=tls.default_context()) as client:
            files = [(await client.get(file_url(key))).status_code for key in (NEW, OLD, OTHER)]
            streams = [(await client.get(stream_url(key))).status_code for key in (NEW, OLD, OTHER)]
    assert (files, streams) == ([200, 200, 403], [404, 404, 403])
    signed = media_files.build_link(both, cast.ada, blob)
    url = UrlSigner(own.public_url, NEW.encode()).parse(signed)
    assert url is not None
    assert UrlSigner(own.public_url, NEW.encode()).is_valid(url)


def test_keys_of_the_data_folder_are_rotated_and_the_last_one_is_kept(own: Settings) -> None:
    first = keyring.load_url_keys(own)
    assert len(first) == 1
    assert run_cli(own, "rotate", command="signing-keys")[0] == 0
    second = keyring.load_url_keys(own)
    assert (len(second), second[1]) == (2, first[0])
    output = run_cli(own, "list", "--json", command="signing-keys")[1]
    assert json.loads(output) == [
        {"id": keyring.key_id(second[0]), "signs": True, "origin": "data folder"},
        {"id": keyring.key_id(second[1]), "signs": False, "origin": "data folder"},
    ]
    assert second[0].decode() not in output
    assert run_cli(own, "rotate", "--keep", "0", command="signing-keys")[0] == 0
    assert len(keyring.load_url_keys(own)) == 1
    given = own.model_copy(update={"signing_keys": (NEW,)})
    assert run_cli(given, "rotate", command="signing-keys") == (
        1,
        "studio: The keys are set by MUSIC_STUDIO_SIGNING_KEYS: change them there.\n",
    )


def test_both_names_of_the_setting_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSIC_STUDIO_SIGNING_KEY", OLD)
    assert Settings().signing_keys == (OLD,)
    monkeypatch.setenv("MUSIC_STUDIO_SIGNING_KEYS", f"{NEW}, {OLD}")
    assert Settings().signing_keys == (NEW, OLD)
    monkeypatch.setenv("MUSIC_STUDIO_SIGNING_KEYS", f"{NEW},short")
    with pytest.raises(ValueError, match="at least 32 characters"):
        Settings()


@pytest.mark.parametrize(
    ("own_urls", "other_urls", "conflict"),
    [
        (("a",), ("a",), None),
        (("a",), ("b",), "urls"),
        # the steps of a rotation
        (("old",), ("old", "new"), None),
        (("old", "new"), ("new", "old"), None),
        (("new", "old"), ("new",), None),
        (("old",), ("new", "old"), "urls"),
        # a worker signs no URLs
        ((), ("b",), None),
    ],
)
def test_keys_conflict_if_one_process_does_not_accept_what_another_signs(
    own_urls: tuple[str, ...], other_urls: tuple[str, ...], conflict: str | None
) -> None:
    assert KeyUse("here", own_urls, ("r",)).find_conflict(KeyUse("there", other_urls, ("r",))) == conflict
    assert KeyUse("here", own_urls, ("r",)).find_conflict(KeyUse("here", other_urls, ("s",))) is None


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_a_process_with_a_key_of_its_own_does_not_start_beside_another(
    own: Settings, tmp_path: Path, command: str
) -> None:
    url_key = keyring.key_id(NEW.encode())
    receipts = signatures.encode_base64url(Signer.generate().private_key.private_bytes_raw())
    settings = own.model_copy(update={"receipts": ReceiptSettings(key=receipts), "signing_keys": (NEW,)})
    other = KeyUse("elsewhere:/data", (url_key,), keyring.key_use(settings, signs_urls=False).receipts)
    await key_registry.register(str(own.redis_url), other)
    given = settings.model_copy(update={"signing_keys": ()}) if command == "serve" else own
    with process(given, command, log=tmp_path / "log") as child:
        assert await asyncio.to_thread(child.wait, 100) == 1
    variable, new = {
        "serve": ("MUSIC_STUDIO_SIGNING_KEYS", "signing-keys new-key"),
        "worker": ("MUSIC_STUDIO_RECEIPTS__KEY", "receipts new-key"),
    }[command]
    assert (tmp_path / "log").read_text() == (
        "studio: A process on another machine or data folder (elsewhere:/data) has another key: set "
        f"{variable} to the same value for all servers and workers. ./studio {new} prints a new one.\n"
    )
    # with the settings it starts, and registers itself until it ends
    if command == "serve":
        with run_server(settings, tmp_path / "again"):
            uses = await key_registry.register(str(own.redis_url), other)
            assert [use.urls for use in uses] == [(url_key,)] * 2
        assert await key_registry.register(str(own.redis_url), other) == [other]
    await key_registry.unregister(str(own.redis_url), other)


def test_new_keys_and_certificates_are_printed_as_json(own: Settings) -> None:
    status, output = run_cli(own, "new-key", "--json", command="receipts")
    assert (status, sorted(json.loads(output))) == (0, ["private", "public"])
    first = json.loads(run_cli(own, "rotate", "--json", command="receipts")[1])["id"]
    keys = json.loads(run_cli(own, "keys", command="receipts")[1])["keys"]
    assert keys[0]["kid"] == first
    status, output = run_cli(own, "init", "--json", command="c2pa")
    folder = own.data_dir / "secrets" / "c2pa"
    assert (status, json.loads(output)) == (
        0,
        {"chain_file": str(folder / "chain.pem"), "key_file": str(folder / "key.pem")},
    )
    status, output = run_cli(own, "init", "--json", command="c2pa")
    message = f"{folder} contains a key: remove it first to create another."
    assert (status, json.loads(output)) == (1, {"error": {"status": 1, "kind": "error", "message": message}})
