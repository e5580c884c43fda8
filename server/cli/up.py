"""``studio up``: run everything on this machine in the foreground."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from string import Template
from typing import Annotated, Final

import httpx
import typer

from core.settings import Settings
from resolvers.access import accounts
from server.cli import console
from server.cli.console import DataDir, err, out
from server.embedded import ports
from server.embedded.errors import StartupError
from server.embedded.folder import write_private
from server.embedded.processes import Command, Process, ProcessExitedError
from server.embedded.stack import Stack
from server.supervision import WorkerPool, studio_command
from storage import migrations
from workers import worker_process

KEY_FILE: Final = "first-key"
"""File of the first API key in the folder of secrets, for commands on this machine."""

_READY_SECONDS: Final = 30
_EXISTING_KEY: Final = "an existing one; create another with: ./studio keys create"
_INSTRUCTIONS: Final = Template("""
[bold]Music Studio is ready[/] after $seconds s

  address       $address
  organization  $organization
  API key       $key_line
  GraphQL       $address/graphql   REST  $address/docs

[bold]Generate a track (REST):[/]

curl -s $address/v1/music/$organization/generations -H "X-API-Key: $key" \\
  -H 'Content-Type: application/json' \\
  -d '{"engine": "studio", "prompt": "warm lofi beat at 82 bpm", "duration_seconds": 30}'

[bold]Generate a track (GraphQL):[/]

curl -s $address/graphql -H "X-API-Key: $key" -H 'Content-Type: application/json' \\
  -d '{"query": "mutation($$input: CreateGenerationInput!) { createGeneration(input: $$input) \
{ __typename ... on CreateGenerationPayload { generation { id status } } ... on Error { code message } } }", \
"variables": {"input": {"organizationId": "$organization", "prompt": "warm lofi beat at 82 bpm", \
"durationSeconds": 30}}}'

Or: ./studio generate "warm lofi beat at 82 bpm with rhodes" -o track.mp3
[dim]Ctrl-C stops everything.[/]\
""")


def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: loopback.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port to listen on.")] = None,
    data_dir: DataDir = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Number of worker processes.")] = None,
    no_color: Annotated[bool, typer.Option("--no-color", help="Disable colors.")] = False,  # noqa: FBT002  an option
) -> None:
    """Run Postgres, Valkey, workers and the server. Ctrl-C stops them all.

    Exit status: 0 after Ctrl-C, 1 if a service cannot start or exits.
    """
    if no_color:
        # the variable is for child processes
        os.environ["NO_COLOR"] = "1"
        out.no_color = err.no_color = True
    settings = console.load_settings(data_dir=data_dir)
    settings = console.override(settings, server={"host": host, "port": port}, workers={"count": workers})
    stop_requested, errors = threading.Event(), list[str]()

    def fail(message: str) -> None:
        errors.append(message)
        stop_requested.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop_requested.set())
    with console.errors_reported(), ExitStack() as exit_stack:
        _start(settings, fail, exit_stack)
        stop_requested.wait()
        if not errors:
            out.print("\nStopping …")
    if errors:
        console.fail(errors[0])
    out.print("Stopped. All data is in the data folder.")


def _start(settings: Settings, on_exit: Callable[[str], None], exit_stack: ExitStack) -> None:
    started = time.perf_counter()
    stack = Stack(settings.data_dir, database_url=settings.database_url, redis_url=settings.redis_url, on_exit=on_exit)
    _print_step("Postgres and Valkey")
    exit_stack.enter_context(stack)
    ports.check_available(settings.server.port, settings.server.host)
    settings = console.with_urls(settings, stack.database_url, stack.redis_url)
    _print_step("Database schema")
    migrations.upgrade_now(stack.database_url)
    first = console.run_with_database(settings, accounts.create_initial_account)
    if first is not None:
        write_private(stack.folder.path / "secrets" / KEY_FILE, f"{first.text}\n")
    _print_step(f"Server and {settings.workers.count} worker(s)")
    _start_processes(settings, stack, on_exit, exit_stack)
    stack.announce(settings.public_url)
    organizations = console.run_with_database(settings, accounts.list_organizations)
    _print_instructions(settings, first, organizations[0].id, time.perf_counter() - started)


def _start_processes(settings: Settings, stack: Stack, on_exit: Callable[[str], None], exit_stack: ExitStack) -> None:
    """Start the workers before the server, as they take longer to load."""

    def worker_command(number: int) -> Command:
        return studio_command(f"Worker {number}", ("worker",), stack.folder.log_file(f"worker-{number}"), settings)

    def is_worker_ready(pid: int) -> bool:
        return worker_process.is_ready(str(settings.redis_url), pid)

    pool = WorkerPool(worker_command, settings.workers.count, is_worker_ready, err.print, on_exit)
    exit_stack.callback(pool.stop)
    pool.start()
    server = Process(studio_command("Server", ("serve",), stack.folder.log_file("server"), settings), on_exit)
    exit_stack.callback(server.stop)
    server.launch()
    try:
        server.wait_ready(lambda: _is_server_ready(settings), _READY_SECONDS)
    except ProcessExitedError:
        raise StartupError(f"The server did not start; its log is {server.command.log}.") from None
    pool.wait_ready()


def _is_server_ready(settings: Settings) -> bool:
    host = "127.0.0.1" if settings.server.host in {"0.0.0.0", "::"} else settings.server.host  # noqa: S104  compared
    try:
        return httpx.get(f"http://{host}:{settings.server.port}/readyz", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        time.sleep(0.02)
        return False


def _print_step(name: str) -> None:
    out.print(f"[dim]·[/] {name}")


def _print_instructions(
    settings: Settings, first: accounts.NewKey | None, organization_id: str, seconds: float
) -> None:
    """Print addresses, the first API key and commands to paste."""
    instructions = _INSTRUCTIONS.substitute(
        seconds=f"{seconds:.1f}",
        address=settings.public_url,
        organization=organization_id,
        key=first.text if first else "$MUSIC_STUDIO_API_KEY",
        key_line=f"{first.text}    (not shown again)" if first else _EXISTING_KEY,
    )
    out.print(instructions)
