-- What would otherwise be read of every article, with its text, is in an index.

-- All that ranking and comparing ask of an article that was found by its words.
DROP INDEX articles_cluster_of;
CREATE INDEX articles_cluster_of ON articles(id, cluster_id, is_lead, first_seen_at, published_at);

CREATE INDEX articles_source_seen ON articles(source, first_seen_at);
CREATE INDEX articles_last_seen ON articles(last_seen_at);
CREATE INDEX articles_reserved ON articles(id) WHERE tdm_reserved;
CREATE INDEX articles_starred ON articles(id) WHERE starred;
CREATE INDEX revisions_changed ON revisions(seen_at) WHERE number > 1;
CREATE INDEX captures_captured ON captures(captured_at);
CREATE INDEX requests_requested ON requests(requested_at);
