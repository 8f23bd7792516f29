-- Alerts: which articles they hold of, and the notices by which that is told. All of it is the reader's alone.
CREATE TABLE unjudged (              -- articles that were archived or revised since alerts were judged last
    article_id INTEGER PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE
) STRICT;

CREATE TABLE notices (               -- a message: a story that an alert holds of
    id INTEGER PRIMARY KEY,
    alert TEXT NOT NULL,             -- name of the alert
    made_at TEXT NOT NULL,
    record TEXT NOT NULL             -- JSON: what it says
) STRICT;

CREATE TABLE alert_hits (            -- an article that an alert was found to hold of
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    alert TEXT NOT NULL,             -- name of the alert
    found_at TEXT NOT NULL,
    holds INTEGER NOT NULL DEFAULT 1 CHECK (holds IN (0, 1)),  -- 0: its text was revised, and it does no longer
    words TEXT NOT NULL DEFAULT '[]',  -- JSON: lines of the word list that it has
    is_marked INTEGER NOT NULL DEFAULT 0,  -- articles show the name of the alert
    tags TEXT NOT NULL DEFAULT '[]', -- JSON: tags that the alert gives
    is_lead INTEGER NOT NULL DEFAULT 0,  -- 1: its story is first in the digest
    is_starred INTEGER NOT NULL DEFAULT 0,  -- 1: retention keeps it
    tells INTEGER NOT NULL DEFAULT 0,  -- 1: its story is to be told at once, or was
    notice_id INTEGER REFERENCES notices(id) ON DELETE SET NULL,  -- the notice by which its story was told
    PRIMARY KEY (article_id, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_hits_alert ON alert_hits(alert, found_at);
CREATE INDEX alert_hits_untold ON alert_hits(alert) WHERE tells = 1 AND notice_id IS NULL;
CREATE INDEX alert_hits_notice ON alert_hits(notice_id);

CREATE TABLE notice_deliveries (     -- a notice on its way by one channel
    id INTEGER PRIMARY KEY,
    notice_id INTEGER NOT NULL REFERENCES notices(id) ON DELETE CASCADE,
    channel TEXT NOT NULL,           -- name of the channel
    target TEXT NOT NULL,            -- the reader, where a channel has several; else empty
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),  -- failed: given up
    created_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,                 -- what the latest try that failed was told
    next_try_at TEXT,                -- while it is pending; NULL is at once
    sent_at TEXT,
    UNIQUE (notice_id, channel, target)
) STRICT;
CREATE INDEX notice_deliveries_pending ON notice_deliveries(id) WHERE state = 'pending';
