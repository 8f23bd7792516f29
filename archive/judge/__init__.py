"""What is decided on what was read: facts in, verdicts out. Pure."""
