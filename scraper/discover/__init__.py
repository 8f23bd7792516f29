"""Bytes to entries: feeds, sitemaps, index pages, OPML."""
