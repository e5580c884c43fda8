"""Latency of requests during outages of Postgres and Valkey."""
