"""Cost of requests to the REST and GraphQL APIs, compared with reference servers."""
