"""Runs Postgres and Valkey from pip wheels as child processes. Imports the standard library only."""
