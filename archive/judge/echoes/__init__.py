"""Who had a text first, who copied it, and who added to it."""

from archive.judge.echoes.articles import describe_more, text_of, told_of
from archive.judge.echoes.maps import map_echoes

__all__ = ["describe_more", "map_echoes", "text_of", "told_of"]
