"""Addresses mended, and taken out of redirectors."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover.addresses import mend_url, unwrap
from scraper.discover.feeds import parse_feed
from scraper.urls import is_http_url

TARGET = "https://news.example/2026/gate-shut?a=1"
CODED = "https%3A%2F%2Fnews.example%2F2026%2Fgate-shut%3Fa%3D1"


def google_news(*fields: bytes) -> str:
    """An article's identifier: a protocol buffer in base64."""
    return base64.urlsafe_b64encode(b"\x08\x13" + b"".join(fields)).decode().rstrip("=")


def url_field(text: str, tag: bytes = b"\x22") -> bytes:
    length = len(text.encode())
    size = bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
    return tag + size + text.encode()


def amp_field(text: str) -> bytes:
    return url_field(text, b"\xd2\x01")


@pytest.mark.parametrize(
    "link",
    [
        f"https://www.google.com/url?rct=j&sa=t&url={TARGET.replace('?', '%3F')}&ct=ga&cd=CAEY&usg=AO",
        f"https://www.google.co.uk/url?q={CODED}",
        f"https://google.com.au/url?sa=t&url={CODED}",
        f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=1&url={CODED}&c=1&mkt=en-us",
        f"https://bing.com/news/apiclick.aspx?url={CODED}",
        f"https://www.bing.com/ck/a?!&&p=1&u=a1{base64.urlsafe_b64encode(TARGET.encode()).decode().rstrip('=')}&ntb=1",
        f"https://feedproxy.google.com/~r/site/~3/abc/{TARGET}",
        f"https://feeds.feedburner.com/~r/site/~3/abc/?url={CODED}",
        f"https://r.search.yahoo.com/_ylt=A;/RV=2/RE=1/RO=10/RU={CODED}/RK=2/RS=x-",
        f"http://us.rd.yahoo.com/dailynews/rss/world/*{TARGET}",
        f"https://l.facebook.com/l.php?u={CODED}&h=AT",
        f"https://out.reddit.com/t3_x?url={CODED}&token=x",
        f"https://t.umblr.com/redirect?z={CODED}&t=x",
        f"https://www.youtube.com/redirect?event=x&q={CODED}",
        f"https://eur01.safelinks.protection.outlook.com/?url={CODED}&data=05",
        f"https://duckduckgo.com/l/?uddg={CODED}&rut=x",
        f"https://href.li/?{TARGET}",
        f"https://news.google.com/rss/articles/{google_news(url_field(TARGET))}?oc=5",
        f"https://news.google.com/articles/{google_news(url_field(TARGET), amp_field(TARGET))}",
        f"https://news.google.com/__i/rss/rd/articles/{google_news(url_field(TARGET))}?oc=5",
        f"https://www.google.com/url?q=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3D{CODED.replace('%', '%25')}",
    ],
)
def test_the_target_is_taken_out_where_it_stands_in_the_link(link):
    assert TARGET == unwrap(link)


def test_a_long_address_in_google_news():
    long = f"https://news.example/{'a' * 300}"
    assert long == unwrap(f"https://news.google.com/rss/articles/{google_news(url_field(long))}")


@pytest.mark.parametrize(
    "link",
    [
        f"https://news.google.com/rss/articles/{google_news(url_field('AU_yqLNb3gk3J9'))}?oc=5",
        "https://news.google.com/rss/articles/CBMi",
        "https://news.google.com/rss/articles/CBMi_____w",
        "https://news.google.com/topics/CAAqJggKIiBDQkFTRWdvSUwyMHZNRGx1YlY4U0FtVnVHZ0pWVXlnQVAB",
        "https://feeds.feedburner.com/~r/TheTide/~3/abc/story.html",
        "https://www.google.com/url?q=javascript:alert(1)",
        "https://www.google.com/url?q=/search",
        "https://www.google.com/url?q=ftp://news.example/a",
        "https://www.google.com/url?q=https://me:pass%40news.example/".replace("pass%40", "pass@"),
        "https://www.google.com/url?q=https://news.example%00/",
        "https://www.google.com/url?q=https://a%20b/",
        "https://www.google.com/search?q=https://news.example/",
        "https://notgoogle.example/url?q=https://news.example/",
        "https://google.com.evil.example/url?q=https://news.example/",
        "https://news.example/share?url=https://other.example/",
        "https://archive.example/web/https://news.example/",
        "https://bing.com/news/apiclick.aspx?url=",
    ],
)
def test_any_other_link_stays(link):
    assert link == unwrap(link)


def test_a_login_in_a_link_is_left_out():
    assert "https://news.example/a" == unwrap("https://me:pass@news.example/a")


@given(st.text() | st.text(max_size=60).map("https://news.google.com/rss/articles/{}".format))
def test_whatever_comes_an_address_stays_one_and_unwrapping_it_again_changes_nothing(text):
    once = unwrap(text)
    assert is_http_url(once) or once == text or "@" in text
    assert once == unwrap(once)


@given(st.binary(max_size=60))
def test_any_message_in_an_identifier_gives_an_http_address(message):
    coded = base64.urlsafe_b64encode(message).decode()
    assert is_http_url(unwrap(f"https://news.google.com/articles/{coded}"))


def test_entries_have_the_address_behind_the_redirector_in_every_kind_of_feed():
    link = f"https://www.google.com/url?sa=t&amp;url={CODED}"
    atom = f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A</title><link href='{link}'/></entry></feed>"
    rss = f"<rss version='2.0'><channel><item><title>A</title><link>{link}</link></item></channel></rss>"
    json = f'{{"version": "https://jsonfeed.org/version/1", "items": [{{"url": "{link.replace("&amp;", "&")}"}}]}}'
    for body in (atom, rss, json):
        assert [TARGET] == [entry.url for entry in parse_feed(body.encode(), "https://alerts.example/").entries]


# ---------------------------------------------------------------- mended


@given(st.text())
def test_what_is_mended_is_an_address_and_stays_one(text):
    try:
        mended = mend_url(text)
    except ValueError:
        return
    assert is_http_url(mended)
    assert mended.isprintable()
    assert not any(character.isspace() for character in mended)
    assert mended == mend_url(mended)
