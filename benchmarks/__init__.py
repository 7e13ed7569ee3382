"""Promises of speed, measured against the smallest honest application: `make bench` prints a table of ratios.

Absolute times differ by more than two between machines and hours, so every promise is a ratio whose two sides
alternate in one run, or a limit that holds on any machine. The product is measured as it is shipped.
"""
