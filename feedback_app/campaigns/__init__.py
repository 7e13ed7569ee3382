"""Asking many people: campaigns that go out once, and plans that ask again and again (Autopilot)."""
