"""Organizations: spending, webhooks, activity, storage usage."""
