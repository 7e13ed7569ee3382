"""One module for each mail provider that reports about our mail; `registry.py` names them."""
