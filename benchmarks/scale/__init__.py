"""Capacity planning: measured CPU costs as input of a queueing simulation."""
