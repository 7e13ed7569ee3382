"""The survey and feedback platform. Importing this package loads nothing heavy."""
