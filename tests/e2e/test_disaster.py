"""The data folder is lost: what a backup restores."""

import shutil
from pathlib import Path

import httpx

from core.network import tls
from tests.support.processes.studio_up import Up, run_command, start, stop


def run(up: Up, *words: str) -> str:
    status, output = run_command(*words, "--data-dir", str(up.data_dir))
    assert status == 0, output
    return output


def test_after_the_loss_of_the_data_folder_tracks_play_and_receipts_are_genuine(tmp_path: Path) -> None:
    up = start(tmp_path / "data", tmp_path / "output")
    organization, key = up.printed("organization"), up.printed("API key")
    run(up, "generate", "calm piano", "--duration", "2", "-o", str(tmp_path / "before.mp3"))
    track_id = run(up, "tracks", "list").split()[0]
    url = f"http://127.0.0.1:{up.port}/v1/music/{organization}/tracks/{track_id}/receipt"
    receipt = httpx.get(url, headers={"X-API-Key": key}, timeout=100, verify=tls.default_context())
    (tmp_path / "receipt.json").write_bytes(receipt.content)
    run(up, "backup", "create", str(tmp_path / "backups"))
    assert stop(up) == 0

    shutil.rmtree(up.data_dir)
    run(up, "restore", str(tmp_path / "backups"))
    again = start(up.data_dir, tmp_path / "again")
    # the first API key is among the restored keys
    run(again, "tracks", "get", track_id, "-o", str(tmp_path / "after.mp3"))
    assert (tmp_path / "after.mp3").read_bytes() == (tmp_path / "before.mp3").read_bytes()
    assert "genuine" in run(again, "verify", str(tmp_path / "after.mp3"), "--receipt", str(tmp_path / "receipt.json"))
    content = (tmp_path / "after.mp3").read_bytes()
    verify = f"http://127.0.0.1:{again.port}/v1/music/verify"
    answer = httpx.post(
        verify, content=content, headers={"Content-Type": "audio/mpeg"}, timeout=100, verify=tls.default_context()
    )
    assert answer.json()["verdict"] == "matched"
    assert stop(again) == 0
