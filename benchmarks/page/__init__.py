"""Check, measure and photograph the studio page."""
