"""
Why a request came to nothing, in words that a person understands: every error of the network is
mapped here.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from datetime import timedelta

import httpx

from scraper.model import FetchSettings


def host_of(url: str) -> str:
    """The host of *url* for a message; the URL itself where httpx cannot read it."""
    try:
        return httpx.URL(url).host
    except (httpx.InvalidURL, UnicodeError):
        return url


def explain(error: Exception, settings: FetchSettings, host: str) -> tuple[str, bool]:
    """A failure as a short sentence, and whether it may pass."""
    for cause in _causes(error):
        if explained := _explain_cause(cause, host):
            return explained
    match error:
        case httpx.ConnectTimeout():
            return f"no connection to {host} within {_seconds(settings.connect_timeout)}", True
        case TimeoutError() | httpx.TimeoutException():
            return f"the server did not answer within {_seconds(settings.total_timeout)}", True
        case httpx.ConnectError() | OSError():
            return f"no connection to {host}: {_system_error(error)}", True
        case httpx.ProxyError():
            return f"{host} does not carry the request: {error}", True
        case httpx.ReadError() | httpx.WriteError() | httpx.RemoteProtocolError():
            return "the server broke off, or does not speak HTTP", True
        case _:  # InvalidURL, LocalProtocolError, a name that cannot be encoded
            return f"this request cannot be made: {error}", False


def _explain_cause(cause: BaseException, host: str) -> tuple[str, bool] | None:
    """What is wrong with the name or the certificate of a host, where it is one of these."""
    match cause:
        case socket.gaierror() if cause.errno == socket.EAI_AGAIN:
            return f"the name {host} could not be looked up", True
        case socket.gaierror():
            return f"the name {host} does not exist", False
        case ssl.SSLCertVerificationError():
            return f"the TLS certificate is not valid for this host: {cause.verify_message}", False
        case ssl.SSLError():
            return f"no secure connection: {cause.args[-1]}", False
        case _:
            return None


def _system_error(error: BaseException) -> str:
    """What the system says of an error, by the innermost number."""
    numbers = [cause.errno for cause in _causes(error) if isinstance(cause, OSError) and cause.errno]
    return os.strerror(numbers[-1]) if numbers else str(error)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _seconds(duration: timedelta) -> str:
    return f"{duration.total_seconds():g} s"
