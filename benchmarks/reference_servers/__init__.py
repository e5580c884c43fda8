"""Small servers for the same workloads: a lower bound, and typical code with popular frameworks."""
