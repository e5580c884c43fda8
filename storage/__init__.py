"""Where things are kept: Postgres tables and queries, blobs, the event log. Constraints live here, rules do not."""
