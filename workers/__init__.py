"""RQ workers: entry points that take ids and nothing else. Safe to run twice, safe to kill anywhere."""
