"""Scores over time, for every survey."""
