"""URLs: read as browsers read them, and one key for what is one address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.urls import (
    host_key,
    is_http_url,
    join_url,
    keep_url,
    leads_off,
    registrable_domain,
    split_url,
    url_key,
)

PAGE = "https://news.example/a/b"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("../c", "https://news.example/c"),
        ("//other.example", "https://other.example/"),
        ("\\\\other.example\\c", "https://other.example/c"),
        (" /c\n", "https://news.example/c"),
        ("/a b?c d", "https://news.example/a%20b?c%20d"),
        ("https://münchen.example/ü", "https://xn--mnchen-3ya.example/%C3%BC"),
        ("HTTP://0x7f.1/", "http://127.0.0.1/"),
        ("#top", "https://news.example/a/b"),
        ("http://", None),
        ("https://[x", None),
        ("https://a b.example/", None),
        ("https://xn--/", None),
        ("mailto:desk@news.example", None),
        ("javascript:void(0)", None),
        ("", None),
        (None, None),
    ],
)
def test_a_link_is_joined_as_browsers_do(reference, expected):
    assert expected == join_url(PAGE, reference)


@pytest.mark.parametrize("reference", ["http://News.example", "https://news.example/A?b=1", "https://a.example:8443/x"])
def test_an_address_of_a_feed_stays_as_it_stands(reference):
    assert reference == keep_url(PAGE, reference)


@pytest.mark.parametrize(
    "reference", ["http://news.example/ü", "http://news.example/a#b", "http:\\\\news.example", "/c"]
)
def test_an_address_that_can_be_read_in_two_ways_does_not(reference):
    assert join_url(PAGE, reference) == keep_url(PAGE, reference)


@pytest.mark.parametrize(
    "url", ["http://", "http:///", "/a", "news.example/a", "ftp://a.example/", "https://a.example:99999/"]
)
def test_what_is_no_address(url):
    assert not is_http_url(url)
    with pytest.raises(ValueError, match="not an absolute"):
        url_key(url)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.news.example", "https://news.example/"),
        ("HTTPS://News.example:443/a?utm_source=x&b=2&a=1#c", "https://news.example/a?a=1&b=2"),
        ("http://news.example:80/%7Ea/%c3%bc", "https://news.example/~a/%C3%BC"),
        ("http://news.example/a/./b/../c", "https://news.example/a/c"),
        ("http://user:secret@news.example/", "https://news.example/"),
        ("http://[2001:DB8::1]:8080/", "https://[2001:db8::1]:8080/"),
        ("http://bücher.example/", "https://xn--bcher-kva.example/"),
    ],
)
def test_one_key_for_one_address(url, key):
    assert key == url_key(url)


@given(st.text(max_size=40), st.text(max_size=40))
def test_joining_gives_an_address_or_none_and_its_key_is_stable(base, reference):
    found = join_url(base, reference) or join_url(PAGE, reference)
    if found is not None:
        assert is_http_url(found)
        assert found == join_url("", found)
        assert url_key(found) == url_key(url_key(found))
        assert split_url(found).host
        assert host_key(found)
        assert registrable_domain(found)


@given(st.from_regex(r"https?://[a-zA-Z0-9.:@%-]{1,20}(?:[/?#\\][a-z0-9 -]{0,8})?", fullmatch=True))
def test_what_can_be_joined_is_an_address(url):
    """Also where a look at the host alone tells."""
    assert is_http_url(url) == (join_url("https://news.example/", url) is not None)


@given(st.text("/\\\t\n #?:.ab", max_size=8).map("{}.other.example".format) | st.text("/\\\t\n #?:.ab", max_size=8))
def test_a_reference_leads_off_where_another_owner_has_what_it_is_joined_to(reference):
    """Also where the begin of the reference alone tells."""
    joined = join_url("https://news.example/", reference)
    assert leads_off(reference, "news.example") == (joined is not None and registrable_domain(joined) != "news.example")
