"""Cost of the files of a track."""
