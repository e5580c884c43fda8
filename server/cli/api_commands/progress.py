"""The progress of a generation: a bar on a terminal, nothing in a pipe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from music_studio_client.models import GenerationState
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from server.cli.console import err


@contextmanager
def shown() -> Iterator[Callable[[GenerationState], None]]:
    """Yield a function that shows the given state of a generation."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("queued", total=100)

        def update(state: GenerationState) -> None:
            description = state.stage or state.status.value.lower()
            if state.queue_position:
                description = f"queued, position {state.queue_position}"
            bar.update(task, completed=state.progress, description=description)

        yield update
