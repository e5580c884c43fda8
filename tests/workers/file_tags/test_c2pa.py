"""C2PA signatures: valid, of an untrusted signer, and invalidated by any change."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from core.settings import C2paSettings, Settings
from core.track_metadata import TrackMetadata
from server.cli import signing_keys
from tests.support.audio.tagged_files import SUFFIXES, Make, sound
from tests.support.processes.cli import run_cli, run_forked
from workers import file_tags
from workers.file_tags import c2pa
from workers.files import track_files

c2pa_library = pytest.importorskip("c2pa", reason="the extra [c2pa] is not installed")


@pytest.fixture(scope="module")
def c2pa_settings(tmp_path_factory: pytest.TempPathFactory) -> C2paSettings:
    chain, key = signing_keys.create_certificates(tmp_path_factory.mktemp("c2pa"), "Tests")
    return C2paSettings(chain_file=chain, key_file=key)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_signed_file_states_its_creator_and_source(
    suffix: str, make: Make, metadata: TrackMetadata, cover: bytes, c2pa_settings: C2paSettings
) -> None:
    path = make(suffix)
    before = sound(path)
    track_files.tag_and_sign(path, metadata, cover, c2pa.create_signer(c2pa_settings))
    with c2pa_library.Reader(path) as reader:
        result = json.loads(reader.json())
    assert result["validation_state"] == "Valid"
    assert [problem["code"] for problem in result["validation_status"]] == ["signingCredential.untrusted"]
    manifest = result["manifests"][result["active_manifest"]]
    assert manifest["signature_info"]["issuer"] == "Tests"
    assertions = {one["label"]: one["data"] for one in manifest["assertions"]}
    [action] = assertions["c2pa.actions.v2"]["actions"]
    assert (action["action"], action["digitalSourceType"]) == ("c2pa.created", metadata.source_type.uri)
    assert assertions["org.music-studio.papers"]["TRACK_ID"] == metadata.track_id
    assert sound(path) == before


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_changed_tag_invalidates_the_signature(
    suffix: str, make: Make, metadata: TrackMetadata, c2pa_settings: C2paSettings
) -> None:
    path = make(suffix)
    track_files.tag_and_sign(path, metadata, None, c2pa.create_signer(c2pa_settings))
    path.write_bytes(path.read_bytes().replace(b"not required", b"not REQUIRED"))
    with c2pa_library.Reader(path) as reader:
        assert json.loads(reader.json())["validation_state"] == "Invalid"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_signed_file_can_be_tagged_and_signed_again(
    suffix: str, make: Make, metadata: TrackMetadata, c2pa_settings: C2paSettings
) -> None:
    path = make(suffix)
    before = sound(path)
    track_files.tag_and_sign(path, metadata, None, c2pa.create_signer(c2pa_settings))
    track_files.tag_and_sign(path, replace(metadata, title="Another"), None, c2pa.create_signer(c2pa_settings))
    with c2pa_library.Reader(path) as reader:
        result = json.loads(reader.json())
    assert result["validation_state"] == "Valid"
    assert next(iter(result["manifests"].values()))["title"] == "Another"
    assert len(result["manifests"]) == 1
    assert sound(path) == before
    file_tags.write(path, metadata, None)
    assert b"c2pa" not in path.read_bytes()


def test_files_are_not_signed_without_settings() -> None:
    assert c2pa.create_signer(C2paSettings()) is None


def test_an_unusable_key_is_rejected(tmp_path: Path, c2pa_settings: C2paSettings) -> None:
    (tmp_path / "key.pem").write_text("no key")
    wrong = c2pa_settings.model_copy(update={"key_file": tmp_path / "key.pem"})
    with pytest.raises(ValueError, match=r"^the C2PA chain or key cannot be used"):
        c2pa.create_signer(wrong)
    with pytest.raises(ValueError, match=r"^the C2PA chain or key cannot be used"):
        c2pa.create_signer(c2pa_settings.model_copy(update={"chain_file": tmp_path / "none.pem"}))


def test_a_worker_that_cannot_sign_does_not_start(tmp_path: Path, c2pa_settings: C2paSettings) -> None:
    (tmp_path / "key.pem").write_text("no key")
    wrong = Settings(
        data_dir=tmp_path,
        database_url="postgresql://user@127.0.0.1:1/none",
        redis_url="redis://127.0.0.1:1/0",
        c2pa=c2pa_settings.model_copy(update={"key_file": tmp_path / "key.pem"}),
    )
    status, output = run_cli(wrong, command="worker")
    assert status == 1
    assert "The worker cannot start: the C2PA chain or key cannot be used" in output


def test_a_key_without_its_chain_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be set together"):
        C2paSettings(key_file=tmp_path / "key.pem")


def test_the_command_creates_a_chain_once_with_a_private_key_file(tmp_path: Path) -> None:
    command = ["c2pa", "init", "--data-dir", str(tmp_path)]
    status, output = run_forked(command, os.environ)
    assert status == 0, output
    lines = dict(line.split("=", 1) for line in output.splitlines() if "=" in line)
    key = Path(lines["MUSIC_STUDIO_C2PA__KEY_FILE"])
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    made = C2paSettings(chain_file=Path(lines["MUSIC_STUDIO_C2PA__CHAIN_FILE"]), key_file=key)
    assert c2pa.create_signer(made) is not None
    content = key.read_bytes()
    status, output = run_forked(command, os.environ)
    assert status == 1
    assert "contains a key" in output
    assert key.read_bytes() == content
