"""Papers in files: every player finds them, and no sample is another for them."""

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from tinytag import TinyTag

from core.track_metadata import TrackMetadata
from tests.support.tagged_files import SUFFIXES, Make, ffprobe, mediainfo, sound
from workers import file_tags, mpeg

URI = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"


def tags(path: Path) -> dict[str, str]:
    """What a Python reader finds, by name."""
    told = TinyTag.get(path)
    other = {name.lower(): values[0] for name, values in told.other.items()}
    return {**other, "title": told.title or "", "artist": told.artist or "", "genre": told.genre or ""}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_papers_change_no_sample_and_stand_there_once(
    suffix: str, make: Make, facts: TrackMetadata, cover: bytes
) -> None:
    path = make(suffix)
    before = sound(path)
    file_tags.write(path, replace(facts, title="Before", style=None), None)
    file_tags.write(path, facts, cover)
    once = path.read_bytes()
    file_tags.write(path, facts, cover)
    assert path.read_bytes() == once
    assert sound(path) == before
    assert not [other for other in path.parent.iterdir() if other.suffix == ".tagged"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_reader_finds_who_made_what_and_what_it_may_be_used_for(
    suffix: str, make: Make, facts: TrackMetadata, cover: bytes
) -> None:
    path = make(suffix)
    file_tags.write(path, facts, cover)
    told = tags(path)
    assert (told["title"], told["artist"], told["genre"]) == ("Nächtlicher Tisch ✨", "Ada & Söhne", "lofi")
    if suffix == ".wav":
        comment = TinyTag.get(path).comment or ""
        told |= dict(line.split("=", 1) for line in comment.lower().split("; ") if "=" in line)
    assert told["track_id"] == facts.track_id
    assert told["digital_source_type"].lower() == URI.lower()
    assert (told["engine"].lower(), told["engine_version"]) == ("studio", "1.2")
    assert told["prompt_sha256"] == facts.prompt_sha256
    assert (told["licence_class"], told["licence_version"]) == ("commercial_cleared", "2026-11")
    assert (told["commercial_use"], told["attribution"]) == ("yes", "not required")
    assert (told["tempo_bpm"], told["musical_key"].lower()) == ("82.25", "a minor")
    assert not {"isrc", "tsrc"} & told.keys()


@pytest.mark.parametrize("suffix", [".mp3", ".flac"])
def test_the_cover_is_in_the_file_to_the_byte(suffix: str, make: Make, facts: TrackMetadata, cover: bytes) -> None:
    path = make(suffix)
    file_tags.write(path, facts, cover)
    found = TinyTag.get(path, image=True).images.front_cover
    assert found is not None
    assert (found.mime_type, found.data) == ("image/png", cover)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_ffprobe_shows_them(suffix: str, make: Make, facts: TrackMetadata, cover: bytes) -> None:
    path = make(suffix)
    file_tags.write(path, facts, cover)
    told = ffprobe(path)
    assert told["tags"]["TITLE"] == facts.title
    assert told["tags"]["ARTIST"] == facts.creator
    assert told["tags"]["ENCODER"] == "Studio 1.2"
    assert [stream["codec_name"] for stream in told["streams"]][1:] == ["png"]
    shown = json.dumps(told["tags"])
    assert URI in shown
    assert "2026-11" in shown
    assert facts.track_id in shown


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_mediainfo_shows_them(suffix: str, make: Make, facts: TrackMetadata, cover: bytes) -> None:
    path = make(suffix)
    file_tags.write(path, facts, cover)
    told = mediainfo(path)
    assert (told["Track"], told["Performer"]) == (facts.title, facts.creator)
    assert told["DIGITAL_SOURCE_TYPE"] == URI
    assert told["LICENCE_CLASS"] == "commercial_cleared"
    assert told["TRACK_ID"] == facts.track_id
    assert told["Cover"] == "Yes"


def test_a_wav_tells_broadcasters_how_loud_it_is(make: Make, facts: TrackMetadata) -> None:
    path = make(".wav")
    file_tags.write(path, facts, None)
    content = path.read_bytes()
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    place = content.index(b"bext") + 8
    version, loudness, peak = struct.unpack("<H64xhxxh", content[place + 346 : place + 346 + 72])
    assert (version, loudness, peak) == (2, -1402, -110)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_not_known_is_not_said(suffix: str, make: Make, facts: TrackMetadata) -> None:
    path = make(suffix)
    unknown = replace(facts, title=None, tempo_bpm=None, key=None, style=None, loudness_lufs=None, true_peak_dbtp=None)
    file_tags.write(path, unknown, None)
    told = tags(path)
    assert (told["title"], told["genre"]) == ("", "")
    assert not {"musical_key", "tempo_bpm", "initial_key", "bpm"} & told.keys()


def test_every_frame_of_an_mp3_is_where_it_was_behind_its_tag(make: Make, facts: TrackMetadata, cover: bytes) -> None:
    path = make(".mp3")
    before = path.read_bytes()
    file_tags.write(path, facts, cover)
    assert mpeg.strip_id3(path.read_bytes()) == before
    assert [frame.data for frame in mpeg.parse_frames(path.read_bytes())] == [
        frame.data for frame in mpeg.parse_frames(before)
    ]


def test_papers_come_back_from_json_though_a_later_version_kept_more(facts: TrackMetadata) -> None:
    kept = json.loads(json.dumps({**facts.as_json(), "later": 1}))
    assert TrackMetadata.from_json(kept) == facts


@pytest.mark.parametrize("suffix", [".flac", ".wav"])
def test_what_is_no_such_file_is_left_as_it_is(suffix: str, tmp_path: Path, facts: TrackMetadata) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"no sound at all")
    with pytest.raises(ValueError, match=r"^not a "):
        file_tags.write(path, facts, None)
    assert path.read_bytes() == b"no sound at all"
