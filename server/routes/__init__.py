"""HTTP routes other than REST and GraphQL."""
