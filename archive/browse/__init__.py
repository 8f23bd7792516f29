"""What datasette is started with."""
