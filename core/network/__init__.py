"""Addresses, links and the availability of services."""
