"""
The digests that were written, for browse: which there are, and their pages.

A digest quotes nothing private when it is made; but what its publisher took back since, or wants
shown no longer, is taken out of the page that is served, and so is all that tells what its owner is
alert to or follows. The file stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.model import Withheld
from scraper.urls import is_http_url, url_key

_NAME = re.compile(r"\d{4}-\d\d-\d\d[\w.-]*", re.ASCII)
# The headings of parts that are their owner's: what alerts put first, and what is followed.
_OWN = "h2#alerts, h2#follows"
# What stands for a link that goes, and what parts it from others of its list.
_GONE = "\ufffc"
_PARTED = re.compile(f"{_GONE}, |, {_GONE}|: {_GONE}(?: and \\d+ more)?$")


def find_digests(folder: Path) -> dict[str, Path]:
    """The digests in a folder, newest first: what each is called, as "2026-03-01", and its page."""
    try:
        pages = [path for path in folder.glob("*.html") if _NAME.fullmatch(path.stem) and path.is_file()]
    except OSError:
        return {}
    return {path.stem: path for path in sorted(pages, key=lambda path: path.stem, reverse=True)}


def find_links(page: bytes) -> tuple[str, ...]:
    """The keys of the addresses that a digest leads to."""
    tree = LexborHTMLParser(page)
    links = (_key(link) for link in tree.css("article.story h3 a, article.story a.source, .lines a"))
    return tuple(dict.fromkeys(link for link in links if link))


def without_withheld(page: bytes, judge: Callable[[str], Withheld | None]) -> bytes:
    """
    The page of a digest without what is not to be shown any more, and without what tells of its
    owner: names of alerts, and which stories stand first for them or because they are followed.

    Args:
        judge: What of the article at a URL key is withheld: its text, or all of it.
    """
    tree = LexborHTMLParser(page)
    judged = {key: verdict for key in find_links(page) if (verdict := judge(key))}
    if not judged and not tree.css(f".alert, section.followed, {_OWN}"):
        return page
    _share_out(tree)
    _remove(tree.css(".alert, section.followed"))
    for link in tree.css(".unseen a"):
        if _key(link) in judged:
            _take_out(link)
    for line in tree.css(".lines:not(.unseen) li"):
        headline = line.css_first("a")
        if headline and judged.get(_key(headline) or "") is Withheld.ALL:
            _remove([line])
    for story in tree.css("article.story"):
        headline = story.css_first("h3 a")
        match judged.get(_key(headline) or "") if headline else None:
            case Withheld.ALL:
                _remove([story])
                continue
            case Withheld.TEXT:
                _remove(story.css(".text"))
        # Where one of a report's places is not to be named, the others and their count would tell of it.
        for line in story.css(".places, .reports"):
            if any(_key(link) in judged for link in line.css("a.source")):
                _remove([line, *story.css(".echo")])
    _remove(section for section in tree.css("main > section") if not _count(section))
    _list_contents(tree)
    return (tree.html or "").encode()


def _share_out(tree: LexborHTMLParser) -> None:
    """Let the stories that the owner has first stand behind others, where nobody tells them from these."""
    own = [heading.parent for heading in tree.css(_OWN) if heading.parent]
    others = [one for one in tree.css("main > section") if one.css("article.story") and not one.css(_OWN)]
    if own and not others:  # they are all that there is
        (heading,) = own[0].css("h2")
        heading.replace_with(_parsed('<h2 id="part1">other</h2>', "h2"))
        others = [own.pop(0)]
    brief = tree.css("h2#brief ~ ul.lines")
    for section in own:
        others[0].attrs["class"] = "first"
        for node in section.css("article.story, ul.lines"):
            if node.tag == "ul" and brief:
                for line in node.css("li"):
                    brief[-1].insert_child(line)
            else:
                others[-1].insert_child(node)
        section.decompose()


def _list_contents(tree: LexborHTMLParser) -> None:
    """Let the contents lead to the parts that are there, with what each has."""
    for contents in tree.css("nav.contents"):
        parts = [(heading, heading.parent) for heading in tree.css("main > section > h2[id]")]
        entries = [
            f'<a class="source" href="#{heading.id}">{heading.inner_html}</a> {_count(section)}'
            for heading, section in parts
            if section
        ]
        nav = f'<nav class="soft contents" aria-label="Contents">{" · ".join(entries)}</nav>'
        contents.replace_with(_parsed(nav, "nav"))


def _count(section: LexborNode) -> int:
    return len(section.css("article.story, .lines > li"))


def _parsed(html: str, tag: str) -> LexborNode:
    (node,) = LexborHTMLParser(html).css(tag)
    return node


def _take_out(link: LexborNode) -> None:
    """Take a link out of a list, with what parts it from the others."""
    line = link.parent
    link.replace_with(_GONE)
    if line is None:
        return
    line.merge_text_nodes()
    for text in [node for node in line.iter(include_text=True) if node.is_text_node]:
        words = text.text_content or ""
        if _GONE in words:
            text.replace_with(_PARTED.sub("", words))


def _key(link: LexborNode) -> str | None:
    """The key of the address that a link leads to."""
    url = link.attributes.get("href")
    return url_key(url) if url and is_http_url(url) else None


def _remove(nodes: Iterable[LexborNode]) -> None:
    for node in list(nodes):
        node.decompose()
