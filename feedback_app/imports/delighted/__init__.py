"""Moving house: what users of Delighted have kept, in the shapes in which it and the tools around it wrote it."""
