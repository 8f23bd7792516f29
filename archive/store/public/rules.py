"""
What of the archive's rows the public view has, as SQL: `one` is the row.

A column of which nothing is said here, or in `archive.store.articles.columns`, is blank where a row
is the reader's alone.
"""

# ruff: noqa: S608 - names of tables and columns are our own

from __future__ import annotations

from archive.store.articles.columns import SEARCHED

# What of a feed's entry stands in the view where its article is the reader's alone; the rest is
# blank. A column that is not here is not shown, so that a new one is no leak.
# `archive.store.articles.columns` says it of articles.
TOLD_OF_ENTRY = {
    name: f"one.{name}"
    for name in (
        "id url_key source url guid published_at first_seen_at fetched_at tries left_at left_why listed_at next_at "
        "failed_at failed_why given_up_at came_at looks claimed_at unfounded formerly"
    ).split()
}
IS_PRIVATE = "(one.private OR one.noarchive)"
IS_WITHDRAWN = "(one.unavailable_after IS NOT NULL AND one.unavailable_after <= :now)"
MAY_BE_SHOWN = f"NOT {IS_PRIVATE} AND NOT {IS_WITHDRAWN}"
# Whether the address of a row is of an article whose text is not to be shown.
IS_UNSHOWN = f"""EXISTS (
    SELECT 1 FROM archive.article_urls AS keys JOIN archive.articles AS page ON page.id = keys.article_id
    WHERE keys.url_key = one.url_key AND {f"({IS_PRIVATE} OR {IS_WITHDRAWN})".replace("one.", "page.")}
)"""
# With whom an article is one report, among those that are shown: nobody is told with what the
# reader's own text agrees.
SHOWN_MATE = f"""
    FROM archive.articles AS mate WHERE mate.cluster_id = one.cluster_id
        AND NOT {IS_PRIVATE.replace("one.", "mate.")} AND NOT {IS_WITHDRAWN.replace("one.", "mate.")}
"""
AMONG_SHOWN = {
    "starred": "0",  # what its owner marks is nobody else's
    "cluster_id": f"CASE WHEN {IS_PRIVATE} THEN one.id ELSE (SELECT MIN(mate.id) {SHOWN_MATE}) END",
    "is_lead": f"""CASE WHEN {IS_PRIVATE} THEN 1
        WHEN EXISTS (SELECT 1 {SHOWN_MATE} AND mate.is_lead) THEN one.is_lead
        ELSE one.id = (SELECT MIN(mate.id) {SHOWN_MATE}) END""",
}
# The columns that the full-text index is made of: they are written only where they differ.
INDEXED = (*SEARCHED, "search_forms")
# Which rows of a table are shown, where not all are: `one` is the row.
IS_SHOWN_NOW = (
    "EXISTS (SELECT 1 FROM main.articles AS page WHERE page.id = {id} AND NOT (page.private OR page.noarchive))"
)
FILTERS = {
    "captures": f"NOT one.private AND NOT {IS_UNSHOWN}",
    "feed_texts": f"NOT {IS_UNSHOWN}",
    "duplicates": " AND ".join(IS_SHOWN_NOW.format(id=f"one.{name}") for name in ("article_id", "of_id")),
}
# What leads to a row that is not shown is empty.
CAPTURE = "(SELECT id FROM main.captures WHERE id = one.capture_id)"
REFERENCES = {
    # Of a path on this machine the name is left.
    "captures": {"warc_file": "replace(one.warc_file, rtrim(one.warc_file, replace(one.warc_file, '/', '')), '')"},
    "revisions": {"capture_id": CAPTURE},
    "stories": {"central_id": "(SELECT id FROM main.articles WHERE id = one.central_id)"},
    "walls": {"capture_id": CAPTURE, "article_id": "(SELECT id FROM main.articles WHERE id = one.article_id)"},
}
