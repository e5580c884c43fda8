"""What each part carries, and how many of each are needed: measured costs, put into a queueing simulation."""
