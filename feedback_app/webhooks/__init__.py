"""Events in from helpdesks."""
