"""Sources of jobs and tracks in an archive."""

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

import pytest

from core import ids
from core.rights import RightsBasis
from core.track_metadata import TrackMetadata, TrackSource
from storage.tables import Generation
from workers.archives import records
from workers.archives.json_columns import TrackMetadataRecord
from workers.archives.records import ArchiveError

SOURCE: Final = TrackSource(
    "cover",
    "ab" * 32,
    reference_audio_id="mref_0123456789ab",
    basis=RightsBasis.OWN_WORK,
    declared_at="2026-11-30T10:00:00Z",
)
JOB_SOURCE: Final = {"task": "lego", "duration_seconds": 10.25, "parts": ["guitar"]}


def job_with(source: dict[str, Any] | None) -> bytes:
    row = Generation(
        id=ids.new(ids.Kind.GENERATION),
        organization_id="org_1",
        user_id="user_1",
        engine="ace",
        prompt="jazz",
        duration_seconds=11,
        seed=1,
        fingerprint="",
        cost_chf=Decimal(0),
        source=source,
        reference_audio_id="mref_0123456789ab",
    )
    return json.dumps(records.dump(records.JobRecord, row), default=str).encode()


def test_a_job_keeps_how_it_used_its_source_but_not_the_upload() -> None:
    fields = records.parse_fields(records.JobRecord, job_with(JOB_SOURCE), ids.Kind.GENERATION)
    assert {name: value for name, value in fields["source"].items() if value is not None} == JOB_SOURCE
    assert "reference_audio_id" not in fields
    assert records.parse_fields(records.JobRecord, job_with(None), ids.Kind.GENERATION)["source"] is None


@pytest.mark.parametrize("change", [{"task": "remix"}, {"duration_seconds": 0.0}, {"strength": 2.0}, {"path": "/etc"}])
def test_an_invalid_source_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ArchiveError, match="is not valid at source"):
        records.parse_fields(records.JobRecord, job_with({**JOB_SOURCE, **change}), ids.Kind.GENERATION)


def test_a_track_keeps_its_source() -> None:
    metadata: dict[str, Any] = {
        "track_id": "mtrack_0123456789ab",
        "title": None,
        "creator": "First",
        "engine": "ACE-Step",
        "engine_version": "1.5",
        "source_type": "trainedAlgorithmicMedia",
        "prompt_sha256": "cd" * 32,
        "licence_class": "personal_only",
        "licence_version": "2026-11-30",
        "requires_attribution": False,
        "made_at": "2026-11-30T10:00:00Z",
        "source": asdict(SOURCE),
    }
    found = TrackMetadataRecord.model_validate_json(json.dumps(metadata)).model_dump()
    assert TrackMetadata.from_json(found).source == SOURCE
    assert SOURCE.message == "Made from an uploaded file (cover); declared by the uploader on 2026-11-30: own work."
    assert TrackSource("repaint", "", track_id="mtrack_1").message == "Made from the track mtrack_1 (repaint)."
