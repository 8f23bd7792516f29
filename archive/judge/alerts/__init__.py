"""
Whether alerts hold of an article, and when a notice that failed is tried again.

`words` looks for a list of a thousand words in one go, `verdicts` judges an article, `waits` the
tries. Pure.
"""
