"""Mixes and masters the parts of a composition."""
