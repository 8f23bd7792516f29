"""
The records that pass between folders, in the order of the way through the house: `sources`,
`listings`, `requests`, `blocks`, `reasons`, `access`, `wishes`, `article`. All are had from here.

Every record is frozen and complete when it exists; none can fetch or save itself.
Times are aware `datetime`s in UTC, durations are `timedelta`s, sizes are bytes.
"""

from scraper.model.access import Access, AccessStatus, Evidence, Expected, MeterNumbers
from scraper.model.article import Article
from scraper.model.blocks import BODY_ROLES, NO_ARTICLES, Image, LabelledBlock, PageKind, Role
from scraper.model.listings import WENT_WRONG, CheckOutcome, Enclosure, Entry, Further, Listing, ListingKind, Rhythm
from scraper.model.reasons import Reason
from scraper.model.requests import (
    Disallowed,
    Failed,
    Fetched,
    FetchRequest,
    FetchSettings,
    NotModified,
    Outcome,
    Purpose,
    RawExchange,
    Redirected,
    Validators,
)
from scraper.model.sources import LISTINGS, MeterRule, Phrase, SecretUrl, Selectors, Source
from scraper.model.wishes import Wish, Wishes

__all__ = [
    "BODY_ROLES",
    "LISTINGS",
    "NO_ARTICLES",
    "WENT_WRONG",
    "Access",
    "AccessStatus",
    "Article",
    "CheckOutcome",
    "Disallowed",
    "Enclosure",
    "Entry",
    "Evidence",
    "Expected",
    "Failed",
    "FetchRequest",
    "FetchSettings",
    "Fetched",
    "Further",
    "Image",
    "LabelledBlock",
    "Listing",
    "ListingKind",
    "MeterNumbers",
    "MeterRule",
    "NotModified",
    "Outcome",
    "PageKind",
    "Phrase",
    "Purpose",
    "RawExchange",
    "Reason",
    "Redirected",
    "Rhythm",
    "Role",
    "SecretUrl",
    "Selectors",
    "Source",
    "Validators",
    "Wish",
    "Wishes",
]
