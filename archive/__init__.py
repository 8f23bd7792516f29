"""What is kept, seen and sent. Imports `scraper`, never the other way round."""
