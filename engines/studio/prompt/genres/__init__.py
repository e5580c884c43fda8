"""Which style a prompt gets: genre words, scenes and what else suggests a style."""
