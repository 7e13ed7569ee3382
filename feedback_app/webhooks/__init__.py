"""Events in from helpdesks and mail providers, and events out to whoever listens."""
