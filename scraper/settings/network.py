"""Values that say whom we ask, by which way, and who we say we are."""

from __future__ import annotations

import re
from ipaddress import ip_network
from urllib.parse import urlsplit

from scraper.secrets import without_login
from scraper.settings.values import check_text, expected, shown
from scraper.urls import is_http_url

_CONTACT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[\w-]+(?:\.[\w-]+)+", re.ASCII)


def is_example_contact(user_agent: str) -> bool:
    """
    Whether every contact in *user_agent* has a name kept for examples, as the starter's has.

    Source: RFC 2606.

    >>> is_example_contact("presswatch/0.1 (+https://press.example/bot)"), is_example_contact("bot (me@tide.net)")
    (True, False)
    """
    return all(
        re.search(r"(?<![\w-])example(?:\.(?:com|net|org))?$", contact) for contact in _CONTACT.findall(user_agent)
    )


def check_user_agent(value: object) -> str:
    """A user agent that says how to reach us."""
    agent = check_text(value)
    if not agent.isascii() or not _CONTACT.search(agent):
        raise expected("a text in ASCII with a contact in it, an e-mail address or a URL", value)
    return agent


def check_url(value: object) -> str:
    """An absolute http(s) URL, perhaps with a user and a password before its host."""
    if not isinstance(value, str) or not value.isprintable() or re.search(r"\s", value) or not is_http_url(value):
        raise expected("an absolute http(s) URL", value)
    if not is_http_url(without_login(value)):
        raise expected("an absolute http(s) URL with a host", value)
    return value


_HOST = re.compile(r"\[[0-9a-fA-F:.]+\]|[\w.-]+", re.ASCII)
_NETWORK = re.compile(r"\[?([0-9a-fA-F:.]+/\d+)\]?(:\d+)?", re.ASCII)


def check_address(value: object) -> str:
    """
    A host, a host with its port, a network, or a network with a port; lower case.

    >>> check_address("Wiki.internal"), check_address("127.0.0.1:8080"), check_address("[fd00::/8]:8080")
    ('wiki.internal', '127.0.0.1:8080', '[fd00::/8]:8080')
    """
    what = 'a host or a network, perhaps with a port, such as "127.0.0.1:8080", "wiki.internal" or "10.0.0.0/8"'
    if not isinstance(value, str):
        raise expected(what, value)
    if match := _NETWORK.fullmatch(value):
        return _checked_network(match, what)
    host, _, port = value.rpartition(":") if re.search(r"[^:\]]:\d+$|\]:\d+$", value) else (value, "", "")
    if not _HOST.fullmatch(host) or not _is_host(host, f":{port}" * bool(port)):
        raise expected(what, value)
    return value.lower()


def _checked_network(match: re.Match[str], what: str) -> str:
    try:
        network = ip_network(match[1])
    except ValueError as problem:
        message = f"expected {what}; {problem}"
        raise ValueError(message) from None
    port = match[2] or ""
    if port and not _is_host("host", port):
        raise expected(what, match.string)
    return f"[{network}]{port}" if network.version == 6 else f"{network}{port}"


def _is_host(host: str, port: str) -> bool:
    return is_http_url(f"http://{host}{port}")


_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def check_proxy(value: object) -> str:
    """The address of a proxy."""
    what = 'the address of a proxy, such as "http://127.0.0.1:3128" or "socks5://127.0.0.1:1080"'
    text = check_text(value)
    try:
        parts = urlsplit(text)
        is_right = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        raise expected(what, value) from None
    if not is_right or parts.scheme not in _PROXY_SCHEMES or parts.path.strip("/") or parts.query or " " in text:
        raise expected(what, value)
    return text


def check_source_proxy(value: object) -> str:
    """The address of a proxy, or "none" for none at all."""
    return "none" if value == "none" else check_proxy(value)


# What says who asks, from where and after what, and what is ours to say: changed, it would open
# doors that are closed to presswatch, or break the conversation.
_OTHERS_HEADERS = re.compile(
    r"cookie2?|user-agent|refer(?:r?er)|origin|via|from|forwarded|(?:true-|fastly-)?client-ip|cf-.*|sec-.*|signature.*|"
    r"x-(?:forwarded.*|real-?ip|client-?ip|true-client-ip|cluster-client-ip|originating-.*|remote-.*|original-.*|"
    r"rewrite-.*|host|http-method.*|method-override|proxyuser-ip|wap-.*|amz-cf-.*|azure-.*|google.*)",
    re.IGNORECASE,
)
_OWN_HEADERS = re.compile(
    r"host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-.*|accept-encoding|range|if-.*|"
    r"proxy-.*|cache-control|pragma",
    re.IGNORECASE,
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def check_headers(value: object) -> tuple[tuple[str, str], ...]:
    """
    A table of headers, in its order; never one that would have us taken for somebody else.

    Source: RFC 9110 §5.1 and §5.5 for names and values.
    """
    if not isinstance(value, dict):
        raise expected("a table of headers", value)
    problems = [problem for name, content in value.items() if (problem := _problem_of_header(name, content))]
    if len({name.lower() for name in value}) < len(value):
        problems.append("a header stands there twice")
    if problems:
        raise ValueError("; ".join(problems))
    return tuple((name, content.strip()) for name, content in value.items())


def _problem_of_header(name: str, content: object) -> str | None:
    if not _HEADER_NAME.fullmatch(name):
        return f"{shown(name)} is no name of a header"
    if name.lower() == "authorization":
        return "Authorization is set by auth_user and auth_password_env, or by token_env"
    if _OTHERS_HEADERS.fullmatch(name):
        return f"{name} is not taken: presswatch says who it is, and gets past no wall by seeming another"
    if _OWN_HEADERS.fullmatch(name):
        return f"{name} is set by presswatch itself"
    if not isinstance(content, str) or not content.strip() or not (content.isascii() and content.isprintable()):
        return f"{name}: expected a text in ASCII on one line"  # not quoted: it may be a secret
    return None
