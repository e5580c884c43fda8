"""Who may call: the request context, validation, content policy, rate limits, accounts."""
