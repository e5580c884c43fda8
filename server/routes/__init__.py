"""HTTP routes beside the two interfaces."""
