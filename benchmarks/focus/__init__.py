"""Renders focus sessions, joins their segments as a player would, and measures what is heard there."""
