"""GraphQL subscriptions over WebSockets and HTTP streams."""
