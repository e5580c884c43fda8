"""States of an export, an archive of a user's data that expires after a time."""

from enum import StrEnum


class ExportStatus(StrEnum):
    QUEUED = "queued"  # requested, waits for a worker
    RUNNING = "running"  # a worker writes the archive
    SUCCEEDED = "succeeded"  # the archive is available until it expires
    FAILED = "failed"  # failed permanently; request a new export
