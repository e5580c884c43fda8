"""``python -m server.cli``."""

from server.cli.commands import main

main()
