"""Files that come in: read in bounded memory, matched to our fields, every rejected row named."""
