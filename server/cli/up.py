"""``studio up``: run everything on this machine in the foreground."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from string import Template
from typing import Annotated, Final

import httpx
import typer

from core import garbage_collection
from core.network import links, tls
from core.settings import COMMAND, WILDCARD_HOSTS, Settings
from resolvers.access import accounts
from resolvers.access.credentials import NewCredential
from server.cli import commands, console, sign_in
from server.cli.console import DataDir, err, out
from server.embedded import ports
from server.embedded.folder import FIRST_KEY_FILE, write_private
from server.embedded.stack import Stack
from server.fork_server import ForkServer
from server.supervision import SupervisedProcess, stop_together, studio_command
from storage import migrations
from workers import worker_process

_INSTRUCTIONS: Final = Template("""
[bold]Music Studio is ready[/] after $seconds s

  studio page   $link
                [dim](signs you in once within 10 minutes; another: $command sign-in)[/]
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

Or: $command generate "warm lofi beat at 82 bpm with rhodes" -o track.mp3
[dim]Ctrl-C stops everything.[/]\
""")


def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: loopback.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port to listen on.")] = None,
    data_dir: DataDir = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Number of worker processes.")] = None,
    no_color: Annotated[bool, typer.Option("--no-color", help="Disable colors.")] = False,  # noqa: FBT002  an option
) -> None:
    """Run Postgres, Valkey, workers and the server. Ctrl-C stops them all; what exits otherwise is restarted.

    Exit status: 0 after Ctrl-C, 1 if a service cannot start or restarts keep failing.
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
        # before this process has threads; it loads while Postgres and Valkey start
        fork_server = exit_stack.enter_context(ForkServer(lambda: _load(settings), _run_command))
        _start(settings, fork_server, fail, exit_stack)
        stop_requested.wait()
        if not errors:
            out.print("\nStopping …")
    if errors:
        console.fail(errors[0])
    out.print("Stopped. All data is in the data folder.")


def _load(settings: Settings) -> None:
    """In the fork server: load what the server and the workers would each load otherwise."""
    with garbage_collection.paused():
        from engines.registry import EngineRegistry  # noqa: PLC0415  in the fork server only
        from server import app  # noqa: PLC0415
        from server.cli import serve, worker  # noqa: F401, PLC0415  the modules of both commands
        from server.routes import studio_page  # noqa: PLC0415

        app.build_schema(settings.documents)
        studio_page.addresses()
        EngineRegistry().load_all()


def _run_command(name: str) -> None:
    """In a forked process: run a command of the command line, whose output goes to a log."""
    console.disable_styles()
    sys.argv = [sys.argv[0], name]
    commands.main()


def _start(
    settings: Settings, fork_server: ForkServer, on_failure: Callable[[str], None], exit_stack: ExitStack
) -> None:
    started = time.perf_counter()
    stack = Stack(
        settings.data_dir,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        report=err.print,
        on_failure=on_failure,
    )
    _print_step("Postgres and Valkey")
    exit_stack.enter_context(stack)
    ports.check_available(settings.server.port, settings.server.host)
    settings = console.with_urls(settings, stack.database_url, stack.redis_url)
    _print_step("Database schema")
    migrations.upgrade_now(settings)
    key_file = stack.folder.path / "secrets" / FIRST_KEY_FILE
    first = console.run_with_database(
        settings,
        # written before the commit, so that a start that is killed does not lose the key
        lambda database: accounts.create_initial_account(database, lambda key: write_private(key_file, f"{key}\n")),
    )
    _print_step(f"Server and {settings.workers.count} worker(s)")
    further_workers = _start_processes(settings, stack, fork_server, on_failure, exit_stack)
    stack.announce(settings.public_url)
    organizations = console.run_with_database(settings, accounts.list_organizations)
    _print_instructions(settings, first, key_file, organizations[0].id, time.perf_counter() - started)
    for each in further_workers:
        each.wait_ready()


def _start_processes(
    settings: Settings,
    stack: Stack,
    fork_server: ForkServer,
    on_failure: Callable[[str], None],
    exit_stack: ExitStack,
) -> Sequence[SupervisedProcess]:
    """Start the server and a worker, wait for both, then launch the further workers and return them.

    Loading is CPU time: the studio can be used sooner than if all were loaded at once.
    """

    def worker(number: int) -> SupervisedProcess:
        log = stack.folder.log_file(f"worker-{number}")
        command = studio_command(f"Worker {number}", "worker", log, settings, fork_server)
        return SupervisedProcess(
            command, lambda pid: worker_process.is_ready(str(settings.redis_url), pid), err.print, on_failure
        )

    workers = [worker(number) for number in range(1, settings.workers.count + 1)]
    exit_stack.callback(stop_together, workers)
    # it takes longer to load than the server
    workers[0].launch()
    command = studio_command("Server", "serve", stack.folder.log_file("server"), settings, fork_server)
    server = SupervisedProcess(command, lambda _: _is_server_ready(settings), err.print, on_failure)
    exit_stack.callback(server.stop)
    server.launch()
    for process in (server, workers[0]):
        process.wait_ready()
    for each in workers[1:]:
        each.launch()
    return workers[1:]


def _is_server_ready(settings: Settings) -> bool:
    url = f"{_loopback_url(settings)}/readyz"
    try:
        # httpx would load the certificates again at each poll
        return httpx.get(url, timeout=2, verify=tls.default_context()).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _loopback_url(settings: Settings) -> str:
    """Return the URL under which this machine reaches the server, without a proxy."""
    host = settings.server.host
    return links.base_url("http", WILDCARD_HOSTS.get(host, host), settings.server.port)


def _print_step(name: str) -> None:
    out.print(f"[dim]·[/] {name}")


def _print_instructions(
    settings: Settings, first: NewCredential | None, key_file: Path, organization_id: str, seconds: float
) -> None:
    """Print addresses, the first API key and commands to paste."""
    instructions = _INSTRUCTIONS.substitute(
        seconds=f"{seconds:.1f}",
        command=COMMAND,
        link=sign_in.create_link(settings),
        address=sign_in.reachable_url(settings),
        organization=organization_id,
        key=first.text if first else "$MUSIC_STUDIO_API_KEY",
        key_line=f"{first.text}    (kept in {key_file})" if first else _describe_existing_key(key_file),
    )
    out.print(instructions)


def _describe_existing_key(key_file: Path) -> str:
    if key_file.exists():
        return f"see {key_file}; create another with: {COMMAND} keys create"
    return f"an existing one; create another with: {COMMAND} keys create"
