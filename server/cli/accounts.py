"""Organizations, users and keys."""

from typing import Annotated

import typer
from rich.table import Table

from core import clock
from core.scopes import Scope
from resolvers.access import accounts
from server.cli import console
from server.cli.console import DataDir, Folder, out
from storage.tables import ApiKey, Role

keys = typer.Typer(no_args_is_help=True, help="API keys: make, list, revoke.")
orgs = typer.Typer(no_args_is_help=True, help="Organizations.")
users = typer.Typer(no_args_is_help=True, help="Users.")


@keys.command("create")
def create_key(
    user: Annotated[str | None, typer.Option(help="Whose key; may be left out while there is one user.")] = None,
    name: Annotated[str, typer.Option(help="What to remember it by.")] = "key",
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="How long it works; for good if left out.")] = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="What it may do besides; may be given again.")] = None,
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Make an API key; it is shown this once."""
    chosen = console.load_settings(data_dir=data_dir)
    new = console.run_with_database(
        chosen, lambda database: accounts.create_key(database, user, name, days, scope or ())
    )
    out.print(f"id   {new.row.id}\nkey  {new.text}\n\nKeep it safe: it is not shown again.")


@keys.command("list")
def list_keys(
    user: Annotated[str | None, typer.Option(help="Only this user's.")] = None,
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """List API keys, never their text."""
    rows = console.run_with_database(
        console.load_settings(data_dir=data_dir), lambda database: accounts.list_keys(database, user)
    )
    table = Table("id", "key", "name", "user", "state", "scopes", "last used", box=None, pad_edge=False)
    for row in rows:
        last_used = clock.iso(row.last_used_at) if row.last_used_at else "never"
        table.add_row(row.id, f"{row.hint}…", row.name, row.user_id, _state(row), " ".join(row.scopes), last_used)
    out.print(table)


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.")],
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """End a key for good, at once."""
    row = console.run_with_database(
        console.load_settings(data_dir=data_dir), lambda database: accounts.revoke_key(database, key_id)
    )
    out.print(f"{row.id} is revoked.")


@orgs.command("create")
def create_organization(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Make an organization."""
    row = console.run_with_database(
        console.load_settings(data_dir=data_dir), lambda database: accounts.create_organization(database, name)
    )
    out.print(f"id  {row.id}")


@orgs.command("list")
def list_organizations(data_dir: Annotated[Folder | None, DataDir] = None) -> None:
    """List the organizations."""
    table = Table("id", "name", "since", box=None, pad_edge=False)
    for row in console.run_with_database(console.load_settings(data_dir=data_dir), accounts.list_organizations):
        table.add_row(row.id, row.name, clock.iso(row.created_at))
    out.print(table)


@users.command("create")
def create_user(
    name: Annotated[str, typer.Argument(help="What people call them.")],
    org: Annotated[str, typer.Option(help="The organization they belong to.")],
    admin: Annotated[bool, typer.Option("--admin", help="May change the organization's limits.")] = False,  # noqa: FBT002
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Make a user of an organization."""
    role = Role.ADMIN if admin else Role.MEMBER
    row = console.run_with_database(
        console.load_settings(data_dir=data_dir), lambda database: accounts.create_user(database, name, org, role)
    )
    out.print(f"id  {row.id}")


def _state(row: ApiKey) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at is None:
        return "works"
    return "expired" if row.expires_at <= clock.now() else f"works until {clock.iso(row.expires_at)}"
