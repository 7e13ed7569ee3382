"""The HTTP API: keys, and one package for each version."""
