"""The pages of people and accounts: who they are, what they were asked and what they said."""
