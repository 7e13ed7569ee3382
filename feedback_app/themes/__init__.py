"""What comments are about: the themes that staff define by words, and which comments have them."""
