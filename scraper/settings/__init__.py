"""
What the scraper is told: whom to visit (`sources`), how (`fetching`), and the reader's own words
for prompts (`phrases`).

Values of every table are checked by `values` and `network`; `reading` collects what is wrong. What
the archive is told besides is read by `archive.settings`.
"""
