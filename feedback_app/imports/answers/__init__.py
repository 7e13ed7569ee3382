"""Responses that were given elsewhere, out of a file of any tool."""
