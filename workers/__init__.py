"""RQ workers: jobs that can be run twice or killed at any point without losing or duplicating results."""
