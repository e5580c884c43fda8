"""``studio migrate``: migrate the database of a larger installation."""

from server.cli import console
from server.cli.console import out
from storage import migrations


def migrate() -> None:
    """Migrate the database to the schema of this version. Servers can run meanwhile."""
    with console.errors_reported(), console.connected_settings(console.load_settings()) as settings:
        migrations.upgrade_now(settings)
    out.print(f"The database schema is at revision {migrations.head()}.")
