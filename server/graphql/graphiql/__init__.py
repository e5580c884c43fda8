"""GraphiQL, the explorer at ``/graphql`` in a browser."""
