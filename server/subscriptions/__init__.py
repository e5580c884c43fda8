"""GraphQL subscriptions over WebSocket and HTTP streams."""
