"""What ratings come to: numbers in, numbers out, with nothing but the standard library.

`metrics.metric("nps")` finds a metric; a metric turns counts per rating into bands, a score and its interval.
"""
