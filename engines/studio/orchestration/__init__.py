"""Chooses the instruments and how they are played."""
