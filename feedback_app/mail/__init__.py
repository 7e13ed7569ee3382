"""Outgoing mail: what a message says, how it becomes bytes, and who takes them. Values in, bytes out."""
