"""The people who work here: accounts, roles, sign-in, audit."""
