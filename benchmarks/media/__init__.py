"""Measures how the server hands files out."""
