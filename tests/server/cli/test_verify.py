"""``studio verify``: messages and exit statuses."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.settings import Settings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support import receipt_factories
from tests.support.processes.cli import run_cli
from tests.support.users import Cast


@pytest.fixture
async def track_id(database: Database, settings: Settings, cast: Cast, tmp_path: Path) -> str:
    found = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path)
    (tmp_path / "night.mp3").write_bytes(receipt_factories.build_content(found, "master"))
    return found


@pytest.fixture
async def receipt(client: httpx.AsyncClient, cast: Cast, track_id: str) -> Mapping[str, Any]:
    path = f"/v1/music/{cast.ada.organization_id}/tracks/{track_id}/receipt"
    found: Mapping[str, Any] = (await client.get(path, headers=cast.ada.headers)).json()
    return found


def verify(settings: Settings, *arguments: str | Path) -> tuple[int, str]:
    return run_cli(settings, *map(str, arguments), command="verify")


async def test_a_file_is_verified_offline_by_its_receipt(
    settings: Settings, client: httpx.AsyncClient, receipt: Mapping[str, Any], track_id: str, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_bytes((await client.get("/.well-known/music-studio-keys.json")).content)
    (tmp_path / "night.mp3.receipt.json").write_text(json.dumps(receipt, indent=2))
    # another machine, with another data folder, no database and no network
    elsewhere = settings.model_copy(update={"data_dir": tmp_path / "nowhere", "database_url": None, "redis_url": None})
    file = tmp_path / "night.mp3"
    status, said = verify(elsewhere, file, "--keys", keys)
    generated = f"generated {receipt['made_at']} for First by the engine studio 1.0"
    use = "commercial use is allowed (commercial_cleared, 2026-11)"
    assert (status, said) == (0, f"{file} is genuine: the master of {track_id}, {generated}; {use}.\n")
    assert verify(settings, file) == (0, said)
    file.write_bytes(receipt_factories.build_content(track_id, "mistress"))
    status, said = verify(settings, file)
    assert (status, said) == (
        3,
        f"{file} is altered: it is tagged as {track_id}, but its hash is not in the receipt.\n",
    )
    file.write_bytes(b"noise")
    status, said = verify(settings, file)
    assert (status, said) == (4, f"{file} is not in the receipt of {track_id}.\n")
    status, said = verify(elsewhere, file)
    assert (status, said.partition(", which")[0]) == (
        4,
        f"{file}.receipt.json is signed with the key {receipt['signature']['key_id']}",
    )
    assert not (tmp_path / "nowhere").exists()


async def test_a_changed_receipt_is_forged(settings: Settings, receipt: Mapping[str, Any], tmp_path: Path) -> None:
    forged = tmp_path / "better.json"
    forged.write_text(json.dumps({**receipt, "organization": "Mine"}))
    status, said = verify(settings, tmp_path / "night.mp3", "--receipt", forged)
    assert (status, said) == (5, f"{forged} is forged: its signature is invalid.\n")
    forged.write_text("{}")
    status, said = verify(settings, tmp_path / "night.mp3", "--receipt", forged)
    assert (status, said) == (5, f"{forged} is not a Music Studio receipt.\n")
    forged.write_text("nothing")
    status, said = verify(settings, tmp_path / "night.mp3", "--receipt", forged)
    assert (status, said) == (1, f"studio: {forged} is not a JSON object.\n")


async def test_a_server_verifies_a_file_without_a_receipt(settings: Settings, track_id: str, tmp_path: Path) -> None:
    file = tmp_path / "night.mp3"
    status, said = verify(settings, file)
    assert (status, said.partition(",")[0]) == (4, f"{file} is tagged as {track_id}")
    status, said = verify(settings, file, "--server", settings.public_url)
    assert (status, said) == (0, f"{file}: matched. This file was made here, and nobody has changed a byte of it.\n")
    file.write_bytes(receipt_factories.build_content(track_id, "x"))
    status, said = verify(settings, file, "--server", settings.public_url)
    assert (status, said.partition(".mp3")[2].partition(".")[0]) == (3, ": altered")
    unreachable = f"http://127.0.0.1:{ports.find_free()}"
    assert verify(settings, file, "--server", unreachable)[0] == 1


def test_keys_are_printed_and_rotated(settings: Settings, tmp_path: Path) -> None:
    chosen = settings.model_copy(update={"data_dir": tmp_path})
    status, said = run_cli(chosen, "keys", command="receipts")
    assert status == 0
    [first] = json.loads(said)["keys"]
    status, said = run_cli(chosen, "rotate", command="receipts")
    assert status == 0
    assert first["kid"] not in said
    keys = json.loads(run_cli(chosen, "keys", command="receipts")[1])["keys"]
    assert [key["kid"] for key in keys] == [said.split()[-1].removesuffix("."), first["kid"]]
    status, said = run_cli(chosen, "new-key", command="receipts")
    private, public = (line.split()[1] for line in said.splitlines())
    configured = chosen.model_copy(update={"receipts": chosen.receipts.model_copy(update={"key": private})})
    assert json.loads(run_cli(configured, "keys", command="receipts")[1])["keys"][0]["x"] == public
