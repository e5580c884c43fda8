"""The server process and the command line: composes all other packages; no package imports this one."""
