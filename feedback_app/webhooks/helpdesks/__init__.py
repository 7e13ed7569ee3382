"""One module for each helpdesk whose events we take; `registry.py` finds them by themselves."""
