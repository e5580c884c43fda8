"""Engines, and the workers that render with them."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from core.licence import LicenceClass
from core.settings.remote_engines import INSTANCE_KEY, RemoteEngineSettings
from core.settings.values import CommaSeparated, Section


class EngineSettings(Section):
    """Engines that generate music, and their prices."""

    enabled: CommaSeparated = ("studio",)
    """Keys of the enabled engines, separated by commas; the remote engines of `remote` follow them."""
    default: str = "studio"
    """Key of the engine for requests that name none."""
    soundfont: Path | None = None
    """SoundFont 2 file whose samples replace the synthesised acoustic instruments of the engine `studio`; none by
    default."""
    soundfont_licence: LicenceClass = LicenceClass.UNCLEAR
    """Permitted use of tracks with these samples, by the licence of the file: commercial_cleared,
    commercial_enterprise, personal_only or unclear."""
    soundfont_attribution: str = ""
    """Attribution that the licence of the file requires, shown in the description of the engine and in the tags of
    files; empty if it requires none."""
    cost_chf_per_minute: dict[str, Annotated[Decimal, Field(ge=0)]] = {"studio": Decimal("0.20")}  # noqa: RUF012  pydantic copies it
    """Price of a minute of music in CHF by engine key, such as {"studio": 0.2}; an engine that is not listed is
    free."""
    remote: dict[Annotated[str, Field(pattern=f"^{INSTANCE_KEY.pattern}$")], RemoteEngineSettings] = {}  # noqa: RUF012  pydantic copies it
    """Remote engines by key, such as {"ace": {"kind": "acestep", "url": "http://127.0.0.1:8001"}}; the guide on engines
    lists their settings."""

    def price_chf_per_minute(self, engine: str) -> Decimal:
        """Return the price of a minute of music of an engine."""
        instance = self.remote.get(engine)
        return instance.cost_chf_per_minute if instance else self.cost_chf_per_minute.get(engine, Decimal(0))

    @property
    def job_limits(self) -> Mapping[str, int]:
        """The most jobs that each remote engine has at the same time, by key."""
        return {key: instance.max_jobs for key, instance in self.remote.items()}


class WorkerSettings(Section):
    """Worker processes, which render audio."""

    count: PositiveInt = 2
    """Worker processes that `./studio up` starts."""
    lease_seconds: PositiveFloat = 15
    """Seconds after the last heartbeat at which a worker loses its job to another one."""
    heartbeat_seconds: PositiveFloat = 2
    """Longest interval in seconds between the heartbeats of a worker."""
    progress_seconds: PositiveFloat = 0.1
    """Shortest interval in seconds between two progress events of a job."""
    recovery_seconds: PositiveFloat = 3
    """Interval in seconds at which lost jobs are looked up and queued again."""
    max_attempts: PositiveInt = 3
    """Attempts of a job before it fails permanently."""
    retry_seconds: PositiveFloat = 5
    """Delay in seconds before a job is retried because a required service was unavailable or a disk was full; doubled
    after each further failure up to five minutes."""
    min_free_bytes: int = Field(67_108_864, ge=0)
    """Free space in bytes that the disks of the storage folder and of `scratch_dir` need; with less, jobs wait and
    /readyz reports that the storage is full."""
    max_queued: PositiveInt = 10_000
    """Most queued jobs; further requests are rejected until the queue is shorter."""
    max_queued_per_organization: PositiveInt = 1_000
    """Most queued jobs of one organization."""
    max_conversions_per_organization: PositiveInt = 100
    """Pending file conversions of one organization."""
    tidy_seconds: PositiveFloat = 3600
    """Interval in seconds at which unused files are looked up."""
    unused_seconds: PositiveFloat = 86_400
    """Age in seconds at which files without a track, or of a deleted one, are removed; must exceed the duration of a
    job."""
    job_seconds: PositiveInt = 1800
    """Time limit of one render in seconds."""
    scratch_dir: Path | None = None
    """Folder for temporary audio files; default: that of the system."""
