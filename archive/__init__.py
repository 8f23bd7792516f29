"""What is kept, seen and sent. Imports `scraper`, never the other way round."""

__version__ = "0.1.0"
