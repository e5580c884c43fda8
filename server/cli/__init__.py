"""The command line: run the studio, look after its people, ask it for music."""
