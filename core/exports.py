"""The life of an export: an archive of what a user has, made once and kept for a while."""

from enum import StrEnum


class ExportStatus(StrEnum):
    """Where an export stands."""

    QUEUED = "queued"  # asked for, waits for a worker
    RUNNING = "running"  # a worker writes the archive
    SUCCEEDED = "succeeded"  # the archive is there until it expires
    FAILED = "failed"  # given up; ask again
