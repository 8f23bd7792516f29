-- Double quotes, as sqlite-utils and datasette write it: they find the index of a table by this text. The triggers
-- must work for any program that opens the file, so they call no function of ours.
CREATE VIRTUAL TABLE articles_fts USING fts5(
    headline, dek, body, captions, search_forms,
    content="articles", content_rowid="id", tokenize="porter unicode61 remove_diacritics 2"
);
CREATE TRIGGER articles_ai AFTER INSERT ON articles BEGIN
    INSERT INTO articles_fts(rowid, headline, dek, body, captions, search_forms)
    VALUES (new.id, new.headline, new.dek, new.body, new.captions, new.search_forms);
END;
CREATE TRIGGER articles_ad AFTER DELETE ON articles BEGIN
    INSERT INTO articles_fts(articles_fts, rowid, headline, dek, body, captions, search_forms)
    VALUES ('delete', old.id, old.headline, old.dek, old.body, old.captions, old.search_forms);
END;
CREATE TRIGGER articles_au AFTER UPDATE OF headline, dek, body, captions, search_forms ON articles BEGIN
    INSERT INTO articles_fts(articles_fts, rowid, headline, dek, body, captions, search_forms)
    VALUES ('delete', old.id, old.headline, old.dek, old.body, old.captions, old.search_forms);
    INSERT INTO articles_fts(rowid, headline, dek, body, captions, search_forms)
    VALUES (new.id, new.headline, new.dek, new.body, new.captions, new.search_forms);
END;
