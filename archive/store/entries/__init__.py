"""
Entries in the archive: found in listings, chosen for a
request, and what became of their pages.
"""
