"""/v1: what Delighted's clients speak, and in the same style all that is ours."""
