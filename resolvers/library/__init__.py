"""Tracks, libraries and collections of a user."""
