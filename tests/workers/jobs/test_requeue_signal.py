"""The signal by which a worker that stops asks its child to requeue the job."""

import os
import subprocess
import sys

import pytest

from core.settings import PROJECT, Settings
from tests.support.processes import process_fork_server

pytestmark = pytest.mark.usefixtures("no_server")

FINISH_THEN_SIGNAL = """
import os
from workers.jobs import generation
generation.render()
os.kill(os.getpid(), generation.REQUEUE_SIGNAL)
print("alive")
"""


def test_a_child_that_has_finished_its_job_survives_the_signal(settings: Settings) -> None:
    done = subprocess.run(  # noqa: S603  a fixed command
        [sys.executable, "-c", FINISH_THEN_SIGNAL],
        env={**os.environ, **process_fork_server.environment(settings)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
