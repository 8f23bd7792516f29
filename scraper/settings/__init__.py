"""
What the scraper is told: whom to visit (`sources`), how (`fetching`), and by which words prompts are known (`phrases`).

Values of every table are checked by `values` and `network`; `reading` collects what is wrong. What the archive is
told besides is read by `archive.settings`.
"""
