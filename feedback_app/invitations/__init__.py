"""Sources, triggers, events, the ledger and the invitations that come of them."""
