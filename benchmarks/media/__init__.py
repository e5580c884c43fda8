"""Cost of file downloads and share links."""
