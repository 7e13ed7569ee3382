"""Answers: the pages that take them and how they are recorded."""
