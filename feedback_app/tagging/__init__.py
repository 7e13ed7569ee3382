"""What the tagger says of responses, and what people say to that: tagging, corrections, learning at home."""
