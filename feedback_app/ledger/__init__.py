"""The ledger: what became of every event, every trigger and everybody who was to be asked, and why."""
