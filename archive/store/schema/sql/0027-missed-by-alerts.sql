-- An alert that could not be read for some days is judged of what came meanwhile when it can be again.
CREATE TABLE known_alerts (          -- alerts that are judged: what one of them missed is no news to the others
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO known_alerts SELECT DISTINCT alert FROM alert_hits;

CREATE TABLE missed_by_alerts (      -- articles that came, or were revised, while an alert could not be read
    alert TEXT NOT NULL REFERENCES known_alerts(name) ON DELETE CASCADE,
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    at TEXT NOT NULL,                -- when the others were judged of it
    PRIMARY KEY (alert, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX missed_by_alerts_article ON missed_by_alerts(article_id);
CREATE INDEX missed_by_alerts_at ON missed_by_alerts(at);
