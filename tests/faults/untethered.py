"""A worker whose child lives on when it dies, as on systems that cannot tie the two together."""

from core import logs
from core.settings import Settings
from workers import processes
from workers.processes import StudioWorker


class Untethered(StudioWorker):
    """Leaves its child alone."""

    def tie_work_horse(self) -> None:
        """Not at all."""


if __name__ == "__main__":
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    processes.run(settings, Untethered)
