"""Full text search: the index of each database, behind one function. Knows tables by name, and no package."""
