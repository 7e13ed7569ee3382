"""Customer companies: owners, revenue, renewal dates."""
