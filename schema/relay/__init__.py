"""Relay: the Node interface, connections and cursors."""
