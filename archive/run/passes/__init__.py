"""
One pass, a file a topic; `archive/run/update.py` drives them.

    state       what all of them share: archive, clock, lanes, what came of it so far
    listings    feeds, sitemaps and section fronts: asked for, read, recorded
    turns       whose turn it is: article pages by site, as far as meter and subscription allow
    arrivals    an article page came, or did not: read, decided on, kept
    feed_texts  the text that a feed carried, where the page does not come
    subscriptions  the reader's own sessions
    host_wishes what the files of a host say about text and data mining
    budget      the free articles that are left
"""
