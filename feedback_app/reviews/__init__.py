"""The CSM's inbox: reading, assigning and noting responses."""
