"""The REST door for legacy callers: body to command, the same resolver, presenter. No decision is taken here."""
