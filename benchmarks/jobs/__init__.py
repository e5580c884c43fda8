"""Cost of jobs: claims from a full queue, start latency, submission rate, checkpoints of renders."""
