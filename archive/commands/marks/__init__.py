"""What the owner puts on articles."""
