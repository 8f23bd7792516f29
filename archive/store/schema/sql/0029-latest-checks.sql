-- How sources do is told by the latest check of each document, found without those before it.
CREATE INDEX source_checks_latest ON source_checks(source, url, id);
