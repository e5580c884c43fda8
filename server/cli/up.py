"""``studio up``: everything on one machine, from nothing, in the foreground."""

import signal
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated, Final

import httpx
import typer

from core.settings import Settings
from resolvers.access import accounts
from server.cli import console
from server.cli.console import DataDir, Folder, err, out
from server.embedded import ports
from server.embedded.errors import StartupError
from server.embedded.folder import write_private
from server.embedded.processes import Process, ProcessExitedError
from server.embedded.stack import Stack
from server.supervision import StudioCommand, WorkerPool, studio_command
from storage import migrations
from workers import worker_names

KEY_FILE: Final = "first-key"
"""The first key, in the secrets of the data folder, for the command line on this machine."""

_READY_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class _Halt:
    """Set when it is time to stop; ``because`` holds what went wrong, if anything did."""

    event: threading.Event
    because: list[str]

    def fail(self, sentence: str) -> None:
        """Stop with a sentence."""
        self.because.append(sentence)
        self.event.set()


def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on; loopback if left out.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port to listen on.")] = None,
    data_dir: Annotated[Folder | None, DataDir] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Worker processes.")] = None,
    no_color: Annotated[bool, typer.Option("--no-color", help="Plain text.")] = False,  # noqa: FBT002  an option
) -> None:
    """Run everything here: Postgres, Valkey, workers and the server. Ctrl-C stops it all."""
    console.disable_color(no_color)
    chosen = _with_options(console.load_settings(data_dir=data_dir), host, port, workers)
    halt = _Halt(threading.Event(), [])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: halt.event.set())
    with console.errors_reported(), ExitStack() as undo:
        _run(chosen, halt, undo)
        halt.event.wait()
        if not halt.because:
            out.print("\nStopping …")
    if halt.because:
        console.fail(halt.because[0])
    out.print("Stopped. Everything is kept in the data folder.")


def _run(chosen: Settings, halt: _Halt, undo: ExitStack) -> None:
    started = time.perf_counter()
    stack = Stack(chosen.data_dir, database_url=chosen.database_url, redis_url=chosen.redis_url, on_exit=halt.fail)
    _step("Postgres and Valkey")
    undo.enter_context(stack)
    ports.check_available(chosen.server.port, chosen.server.host)
    chosen = console.with_urls(chosen, stack.database_url, stack.redis_url)
    _step("Database schema")
    migrations.upgrade_now(stack.database_url)
    first = console.run_with_database(chosen, accounts.begin)
    if first is not None:
        write_private(stack.folder.path / "secrets" / KEY_FILE, f"{first.key.text}\n")
    _step(f"Server and {chosen.workers.count} worker(s)")
    _launch(chosen, stack, halt, undo)
    stack.announce(chosen.public_url)
    organizations = console.run_with_database(chosen, accounts.list_organizations)
    _welcome(chosen, first, organizations[0].id, time.perf_counter() - started)


def _launch(chosen: Settings, stack: Stack, halt: _Halt, undo: ExitStack) -> None:
    """Workers first: they take longer to load than the server."""

    def make(number: int) -> StudioCommand:
        return studio_command(f"Worker {number}", ("worker",), stack.folder.log_file(f"worker-{number}"), chosen)

    def is_working(pid: int) -> bool:
        return worker_names.is_ready(str(chosen.redis_url), pid)

    flock = WorkerPool(make, chosen.workers.count, is_working, err.print, halt.fail)
    undo.callback(flock.stop)
    flock.start()
    server = Process(studio_command("Server", ("serve",), stack.folder.log_file("server"), chosen), halt.fail)
    undo.callback(server.stop)
    server.launch()
    try:
        server.wait_ready(lambda: _is_ready(chosen), _READY_SECONDS)
    except ProcessExitedError:
        raise StartupError(f"The server did not start; its log is {server.command.log}.") from None
    flock.wait_ready()


def _is_ready(chosen: Settings) -> bool:
    host = "127.0.0.1" if chosen.server.host in {"0.0.0.0", "::"} else chosen.server.host  # noqa: S104  compared
    try:
        return httpx.get(f"http://{host}:{chosen.server.port}/readyz", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        time.sleep(0.02)
        return False


def _with_options(chosen: Settings, host: str | None, port: int | None, workers: int | None) -> Settings:
    server = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    counts = {} if workers is None else {"count": workers}
    return chosen.model_copy(
        update={
            "server": chosen.server.model_copy(update=server),
            "workers": chosen.workers.model_copy(update=counts),
        }
    )


def _step(what: str) -> None:
    out.print(f"[dim]·[/] {what}")


def _welcome(chosen: Settings, first: accounts.FirstPeople | None, organization_id: str, seconds: float) -> None:
    """What a person pastes next; plain text when nobody looks at a terminal."""
    address = chosen.public_url
    key = first.key.text if first else "$MUSIC_STUDIO_API_KEY"
    out.print(f"\n[bold]Music Studio is ready[/] after {seconds:.1f} s\n")
    out.print(f"  address       {address}")
    out.print(f"  organization  {organization_id}")
    if first is not None:
        out.print(f"  API key       {first.key.text}    (shown this once)")
    else:
        out.print("  API key       the one you have; make another with: ./studio keys create")
    out.print(f"  GraphQL       {address}/graphql   REST  {address}/docs\n")
    out.print("Make a track (REST):\n", style="bold")
    out.print(_curl(address, organization_id, key), markup=False)
    out.print("\nMake a track (GraphQL):\n", style="bold")
    out.print(_graphql(address, organization_id, key), markup=False)
    out.print('\nOr: ./studio generate "warm lofi beat at 82 bpm with rhodes" -o track.mp3', markup=False)
    out.print("Ctrl-C stops everything.", style="dim")


def _curl(address: str, organization_id: str, key: str) -> str:
    return (
        f'curl -s {address}/v1/music/{organization_id}/generations -H "X-API-Key: {key}" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        '  -d \'{"engine": "studio", "prompt": "warm lofi beat at 82 bpm", "duration_seconds": 30}\''
    )


def _graphql(address: str, organization_id: str, key: str) -> str:
    return (
        f"curl -s {address}/graphql -H \"X-API-Key: {key}\" -H 'Content-Type: application/json' \\\n"
        '  -d \'{"query": "mutation($input: CreateGenerationInput!) { createGeneration(input: $input) '
        '{ __typename ... on CreateGenerationPayload { generation { id status } } ... on Error { code message } } }", '
        f'"variables": {{"input": {{"organizationId": "{organization_id}", "prompt": "warm lofi beat at 82 bpm", '
        '"durationSeconds": 30}}}\''
    )
