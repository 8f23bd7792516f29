"""
The pictures of articles: asked for when all pages of a pass are here, so that none waits for them.

They are asked for as pages are, by robots.txt and at the pace of their host, but by nobody in
particular: no cookie, no login, and none for an article that is its reader's alone.
"""

from __future__ import annotations

from http import HTTPStatus

from archive.judge.wishes import limits_of
from archive.model import KeptPicture
from archive.run.passes.state import PassState
from scraper.model import Disallowed, Failed, Fetched, FetchRequest, Outcome, Purpose
from scraper.read.facts.wishes import find_header_wishes
from scraper.read.file_kinds import picture_type
from scraper.urls import registrable_domain


class Pictures:
    """Asks for the pictures that are due, once in a pass, and keeps what comes."""

    def __init__(self, state: PassState) -> None:
        self._state = state
        self._has_asked = False

    def ask(self) -> bool:
        """Ask for what is due, if that was not done yet; whether there is anything to wait for."""
        state, settings = self._state, self._state.settings.pictures
        if self._has_asked or not settings.keep:
            return False
        self._has_asked = True
        now = state.clock.now()
        state.archive.give_up_pictures(now)
        due = state.archive.pictures_to_fetch(state.sources, now, limit=settings.per_source)
        for name, url in due:
            source = state.sources[name]
            pace = source.pace if registrable_domain(url) == registrable_domain(source.home_url) else None
            state.lanes.add(FetchRequest(url, Purpose.PICTURE, source=source.name, pace=pace))
        state.known += len(due)
        return bool(due)

    async def take(self, outcome: Outcome) -> None:
        """Keep a picture that came, or note why it did not."""
        if isinstance(outcome, Fetched):
            await self._keep(outcome)
        elif isinstance(outcome, Disallowed | Failed):
            if outcome.may_pass if isinstance(outcome, Disallowed) else outcome.is_unasked:
                self._state.archive.leave_picture(outcome.request.found_url, outcome.reason)
                self._state.result.pictures["to be asked for again"] += 1
            else:
                self._miss(outcome, outcome.reason, is_final=isinstance(outcome, Disallowed) or _is_final(outcome))

    async def _keep(self, fetched: Fetched) -> None:
        state, url = self._state, fetched.request.found_url
        media_type = picture_type(fetched.body)
        said = limits_of(find_header_wishes(fetched.exchange.headers), state.settings.fetch)
        if media_type is None:
            self._miss(fetched, "what came is no picture that a browser shows as one", is_final=True)
        elif said.noarchive:
            self._miss(fetched, "its publisher wants no copy of it to be shown", is_final=True)
        elif not fetched.is_sound:
            self._miss(fetched, "the answer breaks off", is_final=False)
        else:
            location = await state.write(state.captures, fetched.exchange)
            picture = KeptPicture(media_type, location.file, location.offset)
            state.archive.keep_picture(url, picture, len(fetched.body), fetched.at)
            state.result.pictures["kept"] += 1

    def _miss(self, outcome: Outcome, why: str, *, is_final: bool) -> None:
        is_lost = self._state.archive.miss_picture(outcome.request.found_url, why, outcome.at, is_final=is_final)
        self._state.result.pictures["given up" if is_lost else "to be asked for again"] += 1


def _is_final(failed: Failed) -> bool:
    """Whether it is of no use to ask again: it is gone, or what comes cannot be taken."""
    is_unusable = failed.status is not None and failed.status < HTTPStatus.BAD_REQUEST and not failed.may_pass
    return is_unusable or failed.status == HTTPStatus.GONE
