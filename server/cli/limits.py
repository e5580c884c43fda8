"""What an operator allows: caps on spending, and the policy."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from core.spend_windows import Window
from resolvers.access import content_policy as policies
from resolvers.organizations import spending
from server.cli import console
from server.cli.console import DataDir, Folder, out

limits = typer.Typer(no_args_is_help=True, help="Caps on spending.")
policy = typer.Typer(no_args_is_help=True, help="What the studio refuses to make.")


@limits.command("set")
def set_limit(
    org: Annotated[str, typer.Argument(help="The organization.")],
    window: Annotated[Window, typer.Argument(help="Per day, week or month.")],
    limit: Annotated[str, typer.Argument(help='The cap in CHF, or "none" to lift it.')],
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Set or lift a cap; it holds for what is accepted from now on."""
    try:
        limit_chf = None if limit == "none" else Decimal(limit)
    except InvalidOperation:
        console.fail(f'{limit} is no amount: write it as 12.50, or "none".')
    chosen = console.load_settings(data_dir=data_dir)
    console.run_with_database(chosen, lambda database: spending.set_limit_as_operator(database, org, window, limit_chf))
    out.print(f"{org} may spend {'without a cap' if limit_chf is None else f'{limit_chf} CHF'} per {window.value}.")


@policy.command("check")
def check(
    prompt: Annotated[str, typer.Argument(help="A prompt, lyrics or a title.")],
    file: Annotated[Path | None, typer.Option(help="Rules to try; those in force if left out.", dir_okay=False)] = None,
) -> None:
    """Tell whether a text would be refused, and why. Ends with status 2 if it would."""
    try:
        rule = policies.load(file or console.load_settings().policy_file).broken([prompt])
    except ValueError as error:
        console.fail(f"{error}.")
    if rule is None:
        out.print("allowed")
        return
    out.print(f"refused by the rule {rule.name}: {rule.reason}", markup=False)
    raise typer.Exit(2)
