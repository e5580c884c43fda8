"""Pictures of the command line."""
