"""``python -m server.cli``."""

import sys

try:
    from server.cli.commands import main

    main()
except KeyboardInterrupt:  # while modules are imported; commands handle it themselves
    sys.exit(130)
