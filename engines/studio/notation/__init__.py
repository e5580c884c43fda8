"""Written notation: note values, voices, staves, and MusicXML."""
