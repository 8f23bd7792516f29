"""Raw responses of others taken in: files on one machine, on many, and shards joined."""
