"""Render focus sessions, crossfade their segments as a player does, and measure the transitions."""
