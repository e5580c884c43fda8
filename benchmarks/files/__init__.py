"""What the files of a track cost."""
