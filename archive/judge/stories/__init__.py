"""
Which reports tell of one event, and what becomes of a story from day to day. Pure.

    words ─► background (what each word tells, by language) ─► likeness (of two reports) ─► grouping ─► lives
"""
