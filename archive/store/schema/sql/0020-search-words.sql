-- Words as they are: a plural is looked for by the query, and a word in quotation marks is that word. What people
-- leave out at the keyboard is folded in search_forms (scraper.folding). The triggers stay as they were made.
DROP TABLE articles_fts;
CREATE VIRTUAL TABLE articles_fts USING fts5(
    headline, dek, body, captions, search_forms,
    content="articles", content_rowid="id", tokenize="unicode61 remove_diacritics 2"
);
