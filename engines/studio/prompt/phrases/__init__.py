"""Phrases of the vocabulary: their meanings, how they are found in a prompt, and what they require."""
