"""Cost of many subscribers of one topic: delay, memory and Redis connections of a server process."""
