"""What workers do with uploaded files."""
