"""Articles in the archive: their columns, written by decisions, read back, found by words."""
