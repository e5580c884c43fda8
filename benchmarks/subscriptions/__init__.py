"""What many subscribers of one topic cost a server process: delay, memory, connections to Redis."""
