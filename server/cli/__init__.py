"""The command line."""

import sys

from core.settings import IS_CHECKOUT, PROJECT

# the commands use the Python client, a distribution of its own in the same repository; a wheel contains it
_CLIENT = str(PROJECT / "clients" / "python")
if IS_CHECKOUT and _CLIENT not in sys.path:
    sys.path.append(_CLIENT)
