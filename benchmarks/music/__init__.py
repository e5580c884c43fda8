"""Renders prompts through the engine port and measures the tracks as decoded from MP3."""
