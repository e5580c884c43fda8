"""Reads the numbers of a prompt: tempos, metres, decades, lengths and points in time."""
