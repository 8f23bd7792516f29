ALTER TABLE sources ADD COLUMN preferred INTEGER NOT NULL DEFAULT 0 CHECK (preferred IN (0, 1));  -- leads where another is as full
