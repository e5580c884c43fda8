"""GraphQL object types, inputs, mutations and subscriptions, one module for each noun."""

from schema.types import enums as enums  # registers the enums before any type refers to them
