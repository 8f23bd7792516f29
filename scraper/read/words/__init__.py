"""What words say, whatever page they stand on: text in, facts out."""
