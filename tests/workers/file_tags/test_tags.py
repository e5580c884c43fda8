"""Metadata in files is readable by other programs and does not change the samples."""

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from tinytag import TinyTag

from core.track_metadata import TrackMetadata, hash_prompt
from tests.support.audio.tagged_files import SUFFIXES, Make, ffprobe, mediainfo, sound
from workers import file_tags, mpeg

URI = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"


def tags(path: Path) -> dict[str, str]:
    """Return the tags that tinytag reads, by name."""
    parsed = TinyTag.get(path)
    other = {name.lower(): values[0] for name, values in parsed.other.items()}
    return {**other, "title": parsed.title or "", "artist": parsed.artist or "", "genre": parsed.genre or ""}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_tags_change_no_sample_and_are_replaced(suffix: str, make: Make, metadata: TrackMetadata, cover: bytes) -> None:
    path = make(suffix)
    before = sound(path)
    file_tags.write(path, replace(metadata, title="Before", style=None), None)
    file_tags.write(path, metadata, cover)
    once = path.read_bytes()
    file_tags.write(path, metadata, cover)
    assert path.read_bytes() == once
    assert sound(path) == before
    assert not [other for other in path.parent.iterdir() if other.suffix == ".tagged"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_tinytag_reads_creator_source_and_licence(
    suffix: str, make: Make, metadata: TrackMetadata, cover: bytes
) -> None:
    path = make(suffix)
    file_tags.write(path, metadata, cover)
    parsed = tags(path)
    assert (parsed["title"], parsed["artist"], parsed["genre"]) == ("Nächtlicher Tisch ✨", "Ada & Söhne", "lofi")
    if suffix == ".wav":
        comment = TinyTag.get(path).comment or ""
        parsed |= dict(line.split("=", 1) for line in comment.lower().split("; ") if "=" in line)
    assert parsed["track_id"] == metadata.track_id
    assert parsed["digital_source_type"].lower() == URI.lower()
    assert (parsed["engine"].lower(), parsed["engine_version"]) == ("studio", "1.2")
    assert parsed["prompt_sha256"] == metadata.prompt_sha256
    assert (parsed["licence_class"], parsed["licence_version"]) == ("commercial_cleared", "2026-11")
    assert (parsed["commercial_use"], parsed["attribution"]) == ("yes", "not required")
    assert (parsed["tempo_bpm"], parsed["musical_key"].lower()) == ("82.25", "a minor")
    assert not {"isrc", "tsrc"} & parsed.keys()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_text_of_an_attribution_is_in_the_tags(suffix: str, make: Make, metadata: TrackMetadata) -> None:
    path = make(suffix)
    credit = "Sine Piano by Ada & Söhne, CC BY 4.0"
    file_tags.write(path, replace(metadata, requires_attribution=True, attribution=credit), None)
    assert credit in (tags(path).get("attribution_text") or TinyTag.get(path).comment or "")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("prompt", [None, "warm lofi"])
def test_prompt_and_request_are_digests_unless_they_are_embedded(
    suffix: str, make: Make, metadata: TrackMetadata, prompt: str | None
) -> None:
    path, request = make(suffix), '{"lyrics": "Regen fällt"}'
    file_tags.write(path, replace(metadata, request_sent=request, prompt=prompt), None)
    parsed = {name.upper(): text for name, text in tags(path).items()}
    if suffix == ".wav":
        comment = TinyTag.get(path).comment or ""
        parsed |= dict(line.split("=", 1) for line in comment.split("; ") if "=" in line)
    assert parsed["PROMPT_SHA256"] == metadata.prompt_sha256
    if prompt:
        assert (parsed["PROMPT"], parsed["REQUEST_SENT"]) == (prompt, request)
    else:
        assert parsed["REQUEST_SHA256"] == hash_prompt(request)
        assert "Regen" not in json.dumps(parsed, ensure_ascii=False)
        assert b"Regen" not in path.read_bytes()


@pytest.mark.parametrize("suffix", [".mp3", ".flac"])
def test_the_cover_is_embedded_unchanged(suffix: str, make: Make, metadata: TrackMetadata, cover: bytes) -> None:
    path = make(suffix)
    file_tags.write(path, metadata, cover)
    found = TinyTag.get(path, image=True).images.front_cover
    assert found is not None
    assert (found.mime_type, found.data) == ("image/png", cover)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_ffprobe_reads_the_tags(suffix: str, make: Make, metadata: TrackMetadata, cover: bytes) -> None:
    path = make(suffix)
    file_tags.write(path, metadata, cover)
    parsed = ffprobe(path)
    assert parsed["tags"]["TITLE"] == metadata.title
    assert parsed["tags"]["ARTIST"] == metadata.creator
    assert parsed["tags"]["ENCODER"] == "Studio 1.2"
    assert [stream["codec_name"] for stream in parsed["streams"]][1:] == ["png"]
    shown = json.dumps(parsed["tags"])
    assert URI in shown
    assert "2026-11" in shown
    assert metadata.track_id in shown


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_mediainfo_reads_the_tags(suffix: str, make: Make, metadata: TrackMetadata, cover: bytes) -> None:
    path = make(suffix)
    file_tags.write(path, metadata, cover)
    parsed = mediainfo(path)
    assert (parsed["Track"], parsed["Performer"]) == (metadata.title, metadata.creator)
    assert parsed["DIGITAL_SOURCE_TYPE"] == URI
    assert parsed["LICENCE_CLASS"] == "commercial_cleared"
    assert parsed["TRACK_ID"] == metadata.track_id
    assert parsed["Cover"] == "Yes"


def test_a_wav_contains_its_loudness_in_bext(make: Make, metadata: TrackMetadata) -> None:
    path = make(".wav")
    file_tags.write(path, metadata, None)
    content = path.read_bytes()
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    place = content.index(b"bext") + 8
    version, loudness, peak = struct.unpack("<H64xhxxh", content[place + 346 : place + 346 + 72])
    assert (version, loudness, peak) == (2, -1402, -110)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_unknown_fields_are_omitted(suffix: str, make: Make, metadata: TrackMetadata) -> None:
    path = make(suffix)
    unknown = replace(
        metadata, title=None, tempo_bpm=None, key=None, style=None, loudness_lufs=None, true_peak_dbtp=None
    )
    file_tags.write(path, unknown, None)
    parsed = tags(path)
    assert (parsed["title"], parsed["genre"]) == ("", "")
    assert not {"musical_key", "tempo_bpm", "initial_key", "bpm"} & parsed.keys()


def test_the_frames_of_an_mp3_are_unchanged(make: Make, metadata: TrackMetadata, cover: bytes) -> None:
    path = make(".mp3")
    before = path.read_bytes()
    file_tags.write(path, metadata, cover)
    assert mpeg.strip_id3(path.read_bytes()) == before
    assert [frame.data for frame in mpeg.parse_frames(path.read_bytes())] == [
        frame.data for frame in mpeg.parse_frames(before)
    ]


def test_metadata_is_read_from_json_of_a_later_version(metadata: TrackMetadata) -> None:
    stored = json.loads(json.dumps({**metadata.as_json(), "later": 1}))
    assert TrackMetadata.from_json(stored) == metadata


@pytest.mark.parametrize("suffix", [".flac", ".wav"])
def test_an_invalid_file_is_rejected_and_unchanged(suffix: str, tmp_path: Path, metadata: TrackMetadata) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"no sound at all")
    with pytest.raises(ValueError, match=r"^not a "):
        file_tags.write(path, metadata, None)
    assert path.read_bytes() == b"no sound at all"
