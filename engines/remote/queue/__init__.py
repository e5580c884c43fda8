"""Adapter for services with addresses to submit, poll, fetch and cancel jobs, which a TOML file describes."""
