ALTER TABLE articles ADD COLUMN confidence REAL NOT NULL DEFAULT 0.0;  -- of both answers about access, 0 to 1
ALTER TABLE articles ADD COLUMN conflict INTEGER NOT NULL DEFAULT 0 CHECK (conflict IN (0, 1));  -- of statements
ALTER TABLE evidence ADD COLUMN decided INTEGER NOT NULL DEFAULT 0 CHECK (decided IN (0, 1));  -- verdict rests on it
ALTER TABLE evidence ADD COLUMN note TEXT NOT NULL DEFAULT '';  -- why it was weighed and set aside
