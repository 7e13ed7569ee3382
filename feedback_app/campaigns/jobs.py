"""What workers do with campaigns and plans."""
