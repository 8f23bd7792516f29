"""
The query language: `parse` takes a query apart, `holds` says whether an article is what it asks
for. The store turns the same parts into SQL.
"""
