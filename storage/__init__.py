"""Persistence: Postgres tables and queries, blob stores, the event log in Redis. Business rules live elsewhere."""
