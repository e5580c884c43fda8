"""Measurements on the master, and the report that compares them with the request."""
