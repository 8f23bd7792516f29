ALTER TABLE sources ADD COLUMN schedule TEXT;  -- when it is visited: a duration, or a crontab line
