"""The sample company that feedback demo starts with."""
