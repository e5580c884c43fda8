"""``studio shares``: public links."""

from itertools import islice
from typing import Annotated

import typer
from music_studio_client import MusicStudio

from server.cli import output
from server.cli.api_commands.api_client import with_client
from server.cli.api_commands.arguments import LimitOption

shares = typer.Typer(no_args_is_help=True, help="List and revoke share links.")


@shares.command("list")
@with_client
def list_shares(
    studio: MusicStudio,
    active: Annotated[bool, typer.Option("--active", help="Only links that work.")] = False,  # noqa: FBT002
    limit: LimitOption = 50,
) -> None:
    """List your share links, the latest first."""
    found = [*islice(studio.shares.list(is_active=active or None), limit)]
    rows = [
        {
            "id": link.id,
            "of": link.track.title if link.track else link.collection.name if link.collection else "",
            "active": link.is_active,
            "opened": link.open_count,
            "created": link.created_at,
            "expires": link.expires_at,
        }
        for link in found
    ]
    output.print_rows(rows, ("id", "of", "active", "opened", "created", "expires"), found)


@shares.command("revoke")
@with_client
def revoke(
    studio: MusicStudio, share_link_id: Annotated[str, typer.Argument(help="Id of the link, from `shares list`.")]
) -> None:
    """End a share link at once."""
    studio.shares.revoke(share_link_id)
    output.print_done(f"{share_link_id} is revoked.", id=share_link_id)
