"""The tables of the archive, and how an older archive gets them."""
