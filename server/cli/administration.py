"""``studio keys``, ``orgs``, ``users``, ``limits`` and ``policy``: accounts, spend caps and the content policy."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from core import clock
from core.scopes import Scope
from core.spend_windows import Window
from resolvers.access import accounts, content_policy
from resolvers.organizations import offboarding, spending
from server.cli import console, output
from server.cli.console import DataDir, ExitStatus, JsonOption, out
from storage.tables import ApiKey, Role

keys = typer.Typer(no_args_is_help=True, help="Create, list and revoke API keys.")
orgs = typer.Typer(no_args_is_help=True, help="Create and list organizations.")
users = typer.Typer(no_args_is_help=True, help="Create, list, disable and delete users, and change their roles.")
limits = typer.Typer(no_args_is_help=True, help="Spend caps of organizations.")
policy = typer.Typer(no_args_is_help=True, help="The content policy.")

UserId = Annotated[str, typer.Argument(help="Id of the user, from `users list`.")]


@keys.command("create")
def create_key(
    user: Annotated[str | None, typer.Option(help="Id of the user. Optional if there is only one.")] = None,
    name: Annotated[str, typer.Option(help="Name of the key.")] = "key",
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it expires. Default: never.")] = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="Additional scope. Can be repeated.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Create an API key and print it. It is not shown again."""
    key = console.query(data_dir, lambda database: accounts.create_key(database, user, name, days, scope or ()))
    output.print_properties({"id": key.row.id, "key": key.text})
    if not console.prints_json.get():
        out.print("\nStore the key now: it is not shown again.")


@keys.command("list")
def list_keys(
    user: Annotated[str | None, typer.Option(help="List only the keys of this user.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """List API keys without their secret."""
    rows = [
        {
            "id": row.id,
            "key": f"{row.hint}…",
            "name": row.name,
            "user_id": row.user_id,
            "state": _state(row),
            "scopes": row.scopes,
            "last used": row.last_used_at,
        }
        for row in console.query(data_dir, lambda database: accounts.list_keys(database, user))
    ]
    output.print_rows(rows, ("id", "key", "name", "user_id", "state", "scopes", "last used"))


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="Id of the key, from `keys list`.")],
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Revoke a key permanently. It is invalid at once."""
    row = console.query(data_dir, lambda database: accounts.revoke_key(database, key_id))
    output.print_done(f"{row.id} is revoked.", id=row.id)


@orgs.command("create")
def create_organization(
    name: Annotated[str, typer.Argument(help="Name of the organization.")],
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Create an organization."""
    row = console.query(data_dir, lambda database: accounts.create_organization(database, name))
    output.print_properties({"id": row.id})


@orgs.command("list")
def list_organizations(
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """List the organizations."""
    found = console.query(data_dir, accounts.list_organizations)
    output.print_rows(
        [{"id": row.id, "name": row.name, "since": row.created_at} for row in found], ("id", "name", "since")
    )


@users.command("create")
def create_user(
    name: Annotated[str, typer.Argument(help="Name of the user.")],
    org: Annotated[str, typer.Option(help="Id of the user's organization.")],
    admin: Annotated[bool, typer.Option("--admin", help="Allow changes to the organization's limits.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Create a user in an organization."""
    role = Role.ADMIN if admin else Role.MEMBER
    row = console.query(data_dir, lambda database: accounts.create_user(database, name, org, role))
    output.print_properties({"id": row.id})


@users.command("list")
def list_users(
    org: Annotated[str | None, typer.Option(help="List only the members of this organization.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """List users with their organizations and roles."""
    rows = [
        {
            "id": user.id,
            "name": user.name,
            "organization_id": membership.organization_id if membership else None,
            "role": membership.role.value if membership else None,
            "state": "disabled" if user.disabled_at else "active",
            "issuer": user.issuer,
        }
        for user, membership in console.query(data_dir, lambda database: offboarding.list_users(database, org))
    ]
    output.print_rows(rows, ("id", "name", "organization_id", "role", "state", "issuer"))


@users.command("grant")
def grant(
    user: UserId,
    org: Annotated[str, typer.Option(help="Id of the organization.")],
    role: Annotated[Role, typer.Option(help="A viewer may read, but not change anything.")] = Role.MEMBER,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Make a user a member of an organization, or change its role."""
    row = console.query(data_dir, lambda database: offboarding.grant(database, user, org, role))
    role_name = row.membership.role.value
    output.print_done(f"{row.user.id} is {role_name} of {org}.", id=row.user.id, organizationId=org, role=role_name)


@users.command("revoke")
def revoke(
    user: UserId,
    org: Annotated[str, typer.Option(help="Id of the organization.")],
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """End a membership. Share links and sockets end at once; the keys with the last membership."""
    row = console.query(data_dir, lambda database: offboarding.revoke(database, user, org))
    output.print_done(f"{row.user.id} is no longer a member of {org}.", id=row.user.id, organizationId=org)


@users.command("disable")
def disable(
    user: UserId,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Revoke all keys and share links of a user, refuse its tokens and close its sockets, at once."""
    row = console.query(data_dir, lambda database: offboarding.disable(database, user))
    output.print_done(f"{row.id} is disabled.", id=row.id)


@users.command("enable")
def enable(
    user: UserId,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Enable a disabled user. What was revoked stays revoked; create new keys."""
    row = console.query(data_dir, lambda database: offboarding.enable(database, user))
    output.print_done(f"{row.id} is enabled.", id=row.id)


@users.command("delete")
def delete(
    user: UserId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Disable a user and erase its personal data: name, tracks, library, collections, exports, prompts, lyrics.

    Costs stay for accounting. Write an archive with `studio export` before, if the user wants one.
    """
    if not yes and console.prints_json.get():
        console.fail("With --json there is no confirmation: add --yes.", ExitStatus.USAGE)
    if not yes:
        typer.confirm(f"Erase all personal data of {user}? This cannot be undone.", abort=True)
    row = console.query(data_dir, lambda database: offboarding.erase(database, user))
    output.print_done(f"{row.id} is deleted.", id=row.id)


@limits.command("set")
def set_limit(
    org: Annotated[str, typer.Argument(help="Id of the organization.")],
    window: Annotated[Window, typer.Argument(help="Period of the cap.")],
    limit: Annotated[str, typer.Argument(help='Cap in CHF, or "none" to remove it.')],
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Set or remove an organization's spend cap. It applies to new requests."""
    try:
        limit_chf = None if limit == "none" else Decimal(limit)
    except InvalidOperation:
        console.fail(f'{limit} is not an amount: use a number such as 12.50, or "none".', ExitStatus.USAGE)
    console.query(data_dir, lambda database: spending.set_limit_as_operator(database, org, window, limit_chf))
    cap = "no spend cap" if limit_chf is None else f"a spend cap of {limit_chf} CHF"
    output.print_done(f"{org} has {cap} per {window.value}.", window=window.value, limitChf=limit_chf)


@limits.command("show")
def show_limits(
    org: Annotated[str, typer.Argument(help="Id of the organization.")],
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Show an organization's spend caps, what counts towards each, and when it resets."""
    rows = [
        {
            "window": each.window.value,
            "limitChf": each.limit_chf,
            "committedChf": each.committed_chf,
            "resetsAt": each.resets_at,
        }
        for each in console.query(data_dir, lambda database: spending.list_as_operator(database, org))
    ]
    shown = [{**row, "limitChf": "none" if row["limitChf"] is None else row["limitChf"]} for row in rows]
    output.print_rows(rows if console.prints_json.get() else shown, ("window", "limitChf", "committedChf", "resetsAt"))


@policy.command("check")
def check(
    prompt: Annotated[str, typer.Argument(help="A prompt, lyrics or a title.")],
    file: Annotated[Path | None, typer.Option(help="Policy file. Default: the setting.", dir_okay=False)] = None,
) -> None:
    """Check a text against the content policy. Exit status: 0 allowed, 1 error, 2 refused."""
    try:
        rule = content_policy.load(file or console.load_settings().policy_file).find_broken_rule([prompt])
    except ValueError as error:
        console.fail(f"{error}.")
    if rule is None:
        out.print("allowed")
        return
    out.print(f"refused by the rule {rule.name}: {rule.reason}", markup=False)
    raise typer.Exit(2)


def _state(row: ApiKey) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at is None:
        return "active"
    return "expired" if row.expires_at <= clock.now() else f"active until {clock.iso(row.expires_at)}"
