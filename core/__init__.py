"""Types and rules that every package shares: errors, ids, states, licences, settings. No I/O."""
