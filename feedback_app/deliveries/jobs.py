"""What workers do with reports about our mail."""
