"""Background loops: recovery, cleanup, focus sessions, webhooks."""
