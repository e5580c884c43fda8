"""``studio sign-in``: print a link that signs a browser in."""

from collections.abc import Collection
from typing import Annotated

import typer

from core.network import links
from core.scopes import Scope
from core.settings import WILDCARD_HOSTS, Settings
from resolvers.access import browser_sessions
from server.cli import console
from server.cli.console import DataDir, out
from server.embedded import ports
from server.routes.studio_page import PATH


def sign_in(
    user: Annotated[str | None, typer.Option(help="Id of the user. Default: the first admin.")] = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="Additional scope. Can be repeated.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Print a link that signs a browser in to the studio page, once, within ten minutes."""
    settings = console.load_settings(data_dir=data_dir)
    out.print(create_link(settings, user, scope or ()))


def create_link(settings: Settings, user_id: str | None = None, scopes: Collection[Scope] = ()) -> str:
    """Return a link that signs in a user, by default the first admin, at an address that other machines can open."""
    code = console.run_with_database(settings, lambda database: browser_sessions.create_code(database, user_id, scopes))
    return f"{reachable_url(settings)}{PATH}?code={code}"


def reachable_url(settings: Settings) -> str:
    """Return the public URL, or for a server that listens on all addresses one that other machines can open."""
    host, public_url = settings.server.host, settings.server.public_url
    address = ports.own_address(host) if host in WILDCARD_HOSTS and public_url is None else None
    return links.base_url("http", address, settings.server.port) if address else settings.public_url
