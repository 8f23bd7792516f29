"""What a page states and shows of its article, beside the text."""
