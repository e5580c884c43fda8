"""Arrangements: form, tempo, parts, continuation of earlier tracks, titles."""
