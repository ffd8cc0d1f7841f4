"""The command line's commands, one subject a file; each is a composition root and may read the settings."""
