"""Raw responses of others taken in."""
