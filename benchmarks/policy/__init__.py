"""Training and measurement of the model of the content policy."""
