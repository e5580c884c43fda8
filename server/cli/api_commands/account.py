"""The list of engines, ``studio usage`` and ``webhooks``: what an organization can use, spends and is notified of."""

from typing import Annotated

import typer
from music_studio_client import MusicStudio
from music_studio_client.models import Engine, EngineCapability, WebhookEvent

from server.cli import output
from server.cli.api_commands.api_client import with_client

webhooks = typer.Typer(
    no_args_is_help=True, help="Create, list, enable and delete webhooks; rotate secrets. For admins."
)

WebhookId = Annotated[str, typer.Argument(help="Id of the webhook, from `webhooks list`.")]


@with_client
def list_engines(
    studio: MusicStudio,
    capabilities: Annotated[  # noqa: FBT002  an option
        bool, typer.Option("--capabilities", help="List what they do with each field of a request.")
    ] = False,
) -> None:
    """List the engines: limits, prices, licences, whether remote ones can be used, and how long a new job waits."""
    found = studio.account.engines()
    if capabilities:
        fields = [row for engine in found for row in _capability_rows(engine)]
        output.print_rows(fields, ("engine", "field", "support", "allowed", "note"), found)
        return
    rows = [
        {
            "key": engine.key,
            "name": engine.name,
            "version": engine.version,
            "seconds": engine.max_duration_seconds,
            "chf per minute": engine.cost_chf_per_minute,
            "vocals": engine.supports_vocals,
            "licence": engine.licence.class_.value.lower(),
            "default": engine.is_default,
            "state": _state(engine),
            "queued": engine.queue.queued_jobs,
            "wait": _wait(engine),
        }
        for engine in found
    ]
    output.print_rows(rows, tuple(rows[0]) if rows else (), found)


def _state(engine: Engine) -> str:
    """Return the result of the last health check; empty for an engine that runs in the workers."""
    if engine.health is None:
        return ""
    status = engine.health.status.value.lower()
    return f"{status}: {engine.health.message}" if engine.health.message else status


def _wait(engine: Engine) -> str:
    seconds = engine.queue.estimated_wait_seconds
    return "" if seconds is None else f"{seconds:.0f} s"


def _capability_rows(engine: Engine) -> list[output.Row]:
    return [
        {
            "engine": engine.key,
            "field": each.field.value.lower(),
            "support": each.support.value.lower(),
            "allowed": each.values or _bounds(each),
            "note": each.note,
        }
        for each in engine.capabilities
    ]


def _bounds(capability: EngineCapability) -> str:
    if capability.range_ is None:
        return ""
    low, high = capability.range_.minimum, capability.range_.maximum
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return f"from {low:g}" if low is not None else f"up to {high:g}"


@with_client
def usage(studio: MusicStudio) -> None:
    """Show what the organization spent in each window, and its caps."""
    report = studio.account.usage()
    rows = [
        {
            "window": each.window.value.lower(),
            "chf": each.cost_chf,
            "cap": "none" if each.limit_chf is None else each.limit_chf,
            "tracks": sum(engine.track_count for engine in each.by_engine),
            "since": each.starts_at,
        }
        for each in report.usage or ()
    ]
    output.print_rows(rows, ("window", "chf", "cap", "tracks", "since"), report.usage or ())


@webhooks.command("list")
@with_client
def list_webhooks(studio: MusicStudio) -> None:
    """List the webhooks."""
    found = [*studio.webhooks.list()]
    rows = [
        {
            "id": each.id,
            "url": each.url,
            "state": each.disabled_reason or ("disabled" if each.disabled_at else "active"),
            "events": [event.value.lower() for event in each.events],
        }
        for each in found
    ]
    output.print_rows(rows, ("id", "url", "state", "events"), found)


@webhooks.command("create")
@with_client
def create_webhook(
    studio: MusicStudio,
    address: Annotated[str, typer.Argument(help="URL that receives the events.")],
    event: Annotated[
        list[WebhookEvent] | None,
        typer.Option(help="Event to send. Can be repeated. Default: all.", case_sensitive=False),
    ] = None,
) -> None:
    """Create a webhook and print its secret, which is not shown again."""
    created = studio.webhooks.create(address, event or [*WebhookEvent])
    output.print_properties({"id": created.webhook.id, "secret": created.secret})


@webhooks.command("rotate")
@with_client
def rotate(studio: MusicStudio, webhook_id: WebhookId) -> None:
    """Replace the secret of a webhook. Deliveries carry both signatures until the old one expires."""
    rotated = studio.webhooks.rotate_secret(webhook_id)
    output.print_properties({"id": rotated.webhook.id, "secret": rotated.secret})


@webhooks.command("enable")
@with_client
def enable(studio: MusicStudio, webhook_id: WebhookId) -> None:
    """Enable a webhook that was disabled after failures."""
    studio.webhooks.enable(webhook_id)
    output.print_done(f"{webhook_id} is enabled.", id=webhook_id)


@webhooks.command("delete")
@with_client
def delete(studio: MusicStudio, webhook_id: WebhookId) -> None:
    """Delete a webhook."""
    studio.webhooks.delete(webhook_id)
    output.print_done(f"{webhook_id} is deleted.", deletedId=webhook_id)
