"""
Alerts, from an archived article to the message.

    archived, revised ─► judging ─► hits ─► notices ─► outbox ─► sending
                         (unjudged)         one a story          mail, webhook, ntfy, apprise

Each arrow is a commit: who is killed goes on from there. What is sent is noted right behind it.
"""
