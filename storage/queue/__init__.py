"""The job queue in Postgres: fair dispatch, queue positions, render speed, statistics."""
