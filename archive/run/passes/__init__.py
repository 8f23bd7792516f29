"""
One pass, a file a topic; `archive/run/update.py` draws the way of one URL through them.

    state          what all of them share: archive, clock, lanes, what came of it so far
    listings       feeds, sitemaps and section fronts: asked for, read, followed
    visits         what a visit to a listing showed: entries, check, how often it has news
    turns          whose turn it is: article pages by site and host
    permits        whether a page may be asked for: its host, its meter, the reader's session
    hosts            hosts that are left alone
    budget           the free articles that are left
    subscriptions    the reader's own sessions
    arrivals       an article page came, or did not: read, or followed where it leads
    misses           it did not come, or is no article
    pages            it was read: decided on and kept
    feed_texts     the text that a feed carried, where the page does not come
    host_wishes    what the files of a host say about text and data mining
"""
