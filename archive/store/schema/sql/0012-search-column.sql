ALTER TABLE articles ADD COLUMN search_forms TEXT NOT NULL DEFAULT ''; -- for search alone: scraper.folding.search_forms
