"""What the names that publishers give their elements (classes, ids, itemprop, role) say about the text in them."""

from __future__ import annotations

import re
from enum import IntFlag, auto
from functools import lru_cache

from scraper.read.blocks import Element


class Hint(IntFlag):
    """One kind of content that a name can speak for."""

    NONE = 0
    ARTICLE = auto()
    HEADLINE = auto()
    KICKER = auto()
    DEK = auto()
    BYLINE = auto()
    DATE = auto()
    CAPTION = auto()
    CREDIT = auto()
    NAV = auto()
    FOOTER = auto()
    ASIDE = auto()
    RELATED = auto()
    COMMENT = auto()
    SHARE = auto()
    TAGS = auto()
    PAYWALL = auto()
    NEWSLETTER = auto()
    PROMO = auto()
    AD = auto()
    CONSENT = auto()
    AUTHOR_BOX = auto()


# Words as they stand in names between "-", "_", camel case humps and spaces; no name belongs to one site.
_WORDS: dict[Hint, str] = {
    Hint.ARTICLE: r"article-?body|story-?body|post-?body|entry-?content|article-?content|post-?content|article-?text|story-?text|articlebody",
    Hint.HEADLINE: r"headline|title|titel|titulo|titre|hed",
    Hint.KICKER: r"kicker|overline|eyebrow|topline|spitzmarke|dachzeile|rubrik|antetitulo|surtitre|roofline|preheadline|pretitle",
    Hint.DEK: r"dek|deck|standfirst|subtitle|sub-?title|sub-?headline|sub-?head|lead|lede|leadtext|intro|teaser-?text|summary|excerpt"
    r"|vorspann|anrisstext|entradilla|bajada|chapo|chapeau|sottotitolo|occhiello|ingress|manchet|abstract|subline|stand-?first|subheading",
    Hint.BYLINE: r"byline|by-?line|author|authors|autor|autoren|auteur|autore|writer|reporter|forfatter|redakteur|creator",
    Hint.DATE: r"date|datetime|time|timestamp|published|publish|pubdate|datum|fecha|updated|dateline|created",
    Hint.CAPTION: r"caption|captions|figcaption|bildunterschrift|bildtext|legende|legenda|pie-?foto|didascalia|cutline|image-?text"
    r"|photo-?text|image-?description|img-?desc|wp-caption-text|captiontext|bu|subtext|image-?title",
    Hint.CREDIT: r"credit|credits|copyright|photographer|photo-?credit|image-?credit|image-?source|img-?source|fotograf|bildquelle|quelle"
    r"|captioncredit|distributor|rights|image-?author|photo-?author|bildnachweis|copyrightholder|agency",
    Hint.NAV: r"nav|navi|navbar|navigation|menu|breadcrumb|breadcrumbs|topbar|masthead|toolbar|sitemap|pagination|pager|skip|skiplink|toc|drawer"
    r"|site-?header|page-?header|global-?header|search|searchform|login|signin",
    Hint.FOOTER: r"footer|site-?footer|page-?footer|colophon|imprint|impressum|legal|bottom-?bar",
    Hint.ASIDE: r"aside|sidebar|side-?bar|rail|right-?col|right-?column|widget|widgets|complementary|infobox|factbox|fact-?box|inset",
    Hint.RELATED: r"related|recommend|recommended|recommendation|recommendations|more-?news|read-?more|readmore|read-?also|see-?also|also-?read"
    r"|trending|popular|most-?read|mostread|latest|teaser|teasers|teaserlist|outbrain|taboola|further|weiterlesen|mehr-?zum-?thema|lire-?aussi"
    r"|article-?list|post-?navigation|next-?article|prev-?article|up-?next|similar|carousel|more-?stories|more-?from|topstories|headlines",
    Hint.COMMENT: r"comment|comments|commentlist|commentary-?list|disqus|kommentar|kommentare|commentaires|comentarios|respond|reader-?comments"
    r"|discussion|replies|reply|forum-?posts",
    Hint.SHARE: r"share|sharing|social|socials|follow|followus|facebook|twitter|whatsapp|addthis|sharebar|share-?bar|print|bookmark|like|likes|tools|rating",
    Hint.TAGS: r"tags|tag-?list|taglist|keywords|topics|topic-?list|categories|category|cat-?links|tag-?links|schlagworte|schlagwort",
    Hint.PAYWALL: r"paywall|pay-?wall|piano|regwall|registration-?wall|subscribe|subscription|subscriber|abo|abobox|premium-?box|meter|metered|barrier"
    r"|offer|offers|plus-?box|locked|gate|membership|upsell|reg-?gate|login-?wall|paid-?content",
    Hint.NEWSLETTER: r"newsletter|newsletters|newsletter-?signup|nl-?signup|mailchimp|signup|sign-?up|email-?signup|mc4wp|briefing-?signup",
    Hint.PROMO: r"promo|promotion|promobox|cta|call-?to-?action|app-?promo|banner|donate|donation|donations|support-?us|spenden|shop|podcast-?promo|sponsor"
    r"|sponsored|advertorial|affiliate|deals",
    Hint.AD: r"ad|ads|advert|advertisement|adbox|ad-?slot|adslot|anzeige|werbung|publicidad|publicite|google-?ad|dfp|ad-?label|ad-?container",
    Hint.CONSENT: r"cookie|cookies|consent|gdpr|cmp|privacy|onetrust|didomi|usercentrics|overlay|modal|popup|lightbox-?login",
    Hint.AUTHOR_BOX: r"author-?box|author-?bio|author-?info|about-?author|author-?description|author-?card|bio|biography|autorenbox|author-?profile|contributor",
}
_PATTERN = re.compile(
    "|".join(rf"(?P<h{hint.value}>(?<![a-z])(?:{words})(?![a-z]))" for hint, words in _WORDS.items())
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
_TAG_HINTS = {
    "nav": Hint.NAV,
    "footer": Hint.FOOTER,
    "aside": Hint.ASIDE,
    "figcaption": Hint.CAPTION,
    "caption": Hint.CAPTION,
    "button": Hint.NAV,
    "menu": Hint.NAV,
    "form": Hint.NAV,
    "select": Hint.NAV,
    "option": Hint.NAV,
    "label": Hint.NAV,
    "legend": Hint.NAV,
    "dialog": Hint.CONSENT,
    "search": Hint.NAV,
}


@lru_cache(maxsize=20_000)
def hints_of(names: str) -> Hint:
    """
    What a string of names speaks for.

    >>> hints_of("article__photoCredit") == Hint.CREDIT
    True
    >>> hints_of("articlecreditcard")
    <Hint.NONE: 0>
    """
    found = Hint.NONE
    for match in _PATTERN.finditer(_HUMP.sub("-", names).lower()):
        found |= Hint(int((match.lastgroup or "h0")[1:]))
    return found


def element_hints(element: Element) -> Hint:
    """What the element itself speaks for, by its names and its tag."""
    return hints_of(element.names) | _TAG_HINTS.get(element.tag, Hint.NONE)
