CREATE TABLE changes (               -- which rows were written, for whoever keeps a view of them in step
    seq INTEGER PRIMARY KEY,
    mark INTEGER NOT NULL DEFAULT (random()),  -- tells this archive from a copy of it that went another way
    name TEXT NOT NULL,              -- the table; articles for all of one, articles.seen for its last_seen_at
    key ANY                          -- primary key of the row
) STRICT;
