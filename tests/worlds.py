"""A newspaper on the fake web, an archive in memory, and passes between them."""

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

from fakes import SETTINGS, FakeClock, FakeWeb, Page, run

from archive.run.readers import InlineReaders
from archive.run.update import run_pass
from archive.settings import ArchiveSettings, DigestSettings, PassSettings, Settings
from archive.store import Archive
from scraper.model import Source

HOME = "https://tide.example.org"
FEED = f"{HOME}/feed.xml"
SOURCE = Source("tide", "The Tide", HOME + "/", feeds=(FEED,), language="en")
PARAGRAPHS = [
    "The harbour master closed both locks on Monday after divers found the chain of the eastern gate cut through.",
    "Two patrol boats now watch the basin, and ships wait outside the mole until the gate has been lifted and checked.",
    "Nobody has said who cut the chain. The port authority asked the coast guard for the pictures of its cameras.",
]


def page(headline: str, paragraphs: list[str]) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><title>{headline}</title><article><h1>{headline}</h1>{body}</article><footer>Imprint</footer>"
    )


def feed(*paths: str) -> Page:
    items = "".join(f"<item><title>Entry {path}</title><link>{HOME}{path}</link></item>" for path in paths)
    return Page(
        f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>", media_type="application/rss+xml"
    )


class World:
    """A fake web, an archive, and passes between them."""

    def __init__(self, folder: Path, pages, source: Source = SOURCE) -> None:
        self.clock = FakeClock()
        self.web = FakeWeb(self.clock, pages)
        self.archive = Archive.open(folder / "archive.db", write=True)
        self.source = source
        self.settings = Settings(
            folder=folder,
            fetch=replace(SETTINGS, pace=timedelta(seconds=1), retries=0),
            archive=ArchiveSettings(folder / "archive.db", folder / "warc"),
            passes=PassSettings(reading_workers=0),
            digest=DigestSettings("Digest", "UTC", time(6), folder),
            sources=(source,),
        )

    def make_pass(self):
        async def work():
            async with self.web.client(self.settings.fetch) as client:
                return await run_pass(
                    self.archive,
                    self.settings,
                    [self.source],
                    client=client,
                    clock=self.clock,
                    readers=InlineReaders(),
                )

        self.archive.save_sources([self.source])
        self.web.asked.clear()
        return run(work())

    def articles(self):
        return list(self.archive.articles())
