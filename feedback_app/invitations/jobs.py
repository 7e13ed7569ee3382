"""What workers do with events and due invitations."""
