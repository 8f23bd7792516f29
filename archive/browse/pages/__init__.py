"""The pages of our own, a file a topic."""
