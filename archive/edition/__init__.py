"""The digest: articles grouped into stories, rendered, delivered."""
