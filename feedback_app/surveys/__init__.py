"""Surveys: metric, scale, wording, look."""
