"""What is out there, and what it says. Knows nothing of the archive."""
