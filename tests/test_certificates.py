"""Certificates of the reader's own, believed besides the well-known ones."""

import asyncio
import shutil
import ssl
import subprocess
from dataclasses import replace

import pytest
from fakes import SETTINGS, run

from scraper.fetch.client import Client
from scraper.fetch.clock import SystemClock
from scraper.model import Failed, Fetched, FetchRequest, Outcome, Purpose, Source

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is missing")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ntext"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for this machine that nobody else vouches for, and its key in the same file."""
    file = tmp_path_factory.mktemp("tls") / "house.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=house"
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{file}.key", "-out", str(file)]
    subprocess.run([*command.split(), *more], check=True, capture_output=True)
    return file


def ask(certificate, *, general=None, of_source=None) -> Outcome:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    async def work() -> Outcome:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, f"{certificate}.key")
        async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as listening:
            address = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            settings = replace(SETTINGS, allowed_addresses=frozenset({address}), ca_bundle=general)
            source = Source("house", "House", f"https://{address}/", ca_bundle=of_source)
            async with Client(settings, clock=SystemClock(), sources=[source]) as client:
                outcome = await client.fetch(FetchRequest(f"https://{address}/", Purpose.FEED, source="house"))
            await asyncio.sleep(0.01)
            return outcome

    return run(work())


@pytest.mark.parametrize("where", ["general", "of_source"])
def test_a_certificate_of_the_house_is_believed_where_it_is_named(certificate, where):
    assert isinstance(ask(certificate, **{where: certificate}), Fetched)


def test_elsewhere_it_is_not(certificate):
    outcome = ask(certificate)
    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith("the TLS certificate is not valid for this host")
