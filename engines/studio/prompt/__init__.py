"""Reads a prompt and its style tags."""
