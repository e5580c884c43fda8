"""Measures how the server hands files out, and opens share links."""
