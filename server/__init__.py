"""The composition root: puts the rooms together and runs them. It may know everything; nobody imports it."""
