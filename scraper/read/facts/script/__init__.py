"""Article text that stands in a page's data: where data stands, how it is written, and the text in it."""
