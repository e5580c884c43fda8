"""Lays out a track: form, tempo, sections, continuation, title."""
