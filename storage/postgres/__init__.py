"""Postgres: the engine and its sessions, a connection pool for single statements, notifications, full-text queries."""
