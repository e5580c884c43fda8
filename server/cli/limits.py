"""``studio limits`` and ``studio policy``: spend caps and the content policy."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from core.spend_windows import Window
from resolvers.access import content_policy
from resolvers.organizations import spending
from server.cli import console
from server.cli.console import DataDir, out

limits = typer.Typer(no_args_is_help=True, help="Spend caps of organizations.")
policy = typer.Typer(no_args_is_help=True, help="The content policy.")


@limits.command("set")
def set_limit(
    org: Annotated[str, typer.Argument(help="Id of the organization.")],
    window: Annotated[Window, typer.Argument(help="Period of the cap.")],
    limit: Annotated[str, typer.Argument(help='Cap in CHF, or "none" to remove it.')],
    data_dir: DataDir = None,
) -> None:
    """Set or remove an organization's spend cap. It applies to new requests."""
    try:
        limit_chf = None if limit == "none" else Decimal(limit)
    except InvalidOperation:
        console.fail(f'{limit} is not an amount: use a number such as 12.50, or "none".')
    settings = console.load_settings(data_dir=data_dir)
    console.run_with_database(
        settings, lambda database: spending.set_limit_as_operator(database, org, window, limit_chf)
    )
    cap = "no spend cap" if limit_chf is None else f"a spend cap of {limit_chf} CHF"
    out.print(f"{org} has {cap} per {window.value}.")


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
