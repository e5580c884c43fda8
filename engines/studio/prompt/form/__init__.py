"""The form that a prompt describes: sections, sequences, and requirements for a range of the track."""
