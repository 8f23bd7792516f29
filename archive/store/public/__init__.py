"""The public view of an archive: what others may see, kept in step with each commit."""
