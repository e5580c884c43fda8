"""The version, which equals that of the server for which the client was generated."""

__version__ = "0.2.0"
