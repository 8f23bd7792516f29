-- A digest asks for what came, changed or went wrong in a window: by indexes, however much there is.
CREATE INDEX articles_revised ON articles(revised_at) WHERE revised_at IS NOT NULL;
CREATE INDEX articles_changed ON articles(changed_at) WHERE changed_at IS NOT NULL;
CREATE INDEX source_checks_checked ON source_checks(checked_at);
