"""The command line."""

import sys

from core.settings import PROJECT

# the commands use the Python client, a distribution of its own in the same repository
_CLIENT = str(PROJECT / "clients" / "python")
if _CLIENT not in sys.path:
    sys.path.append(_CLIENT)
