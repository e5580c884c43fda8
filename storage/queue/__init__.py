"""The job queue in Postgres: dispatch order, queue positions, render speed, figures."""
