"""What the life of a job costs: claims with a full queue, the way from acceptance to a worker, checkpoints."""
