"""People who can be asked, and who must not be."""
