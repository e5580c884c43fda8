"""GraphQL types and root fields, one module a noun."""

from schema.types import enums as enums  # names the enums of core before any type refers to them
