"""Redis: the event log and the rate limits."""
