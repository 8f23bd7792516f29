"""Who may read a page, and what was served: signals, then a verdict."""
