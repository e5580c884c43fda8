"""Every word of the schema."""

import re

from core.settings import PROJECT

SCHEMA_WORDS = sorted(set(re.findall(r"\b[A-Za-z]{2,}\b", (PROJECT / "schema" / "schema.graphql").read_text())))
"""The best word list that an attacker could have."""
