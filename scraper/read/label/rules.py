"""
All rules by which a block gets its role, in one table: each with its name, its test and when it
gives way to the model.

`CERTAIN` are asked in this order, and the first that knows a block takes it. The others need the
neighbours of a block: whoever looks at those (`running.py`, `beside.py`, `neighbours.py`,
`comments.py`, `labels.py`) labels by them. A name stays, as archives have it; what the model alone
tells is named "model:…".
"""

from __future__ import annotations

from scraper.model import Reason
from scraper.read.label import certain
from scraper.read.label.label import Rule

# Body is likelier than not: what goes by the looks of a text, or by the name of a container far
# around it.
_LIKELIER = 0.5
# What goes by a name or a pattern alone gives way where the model is all but certain.
_ALL_BUT_CERTAIN = 0.97

HIDDEN = Rule(Reason.HIDDEN, certain.hidden, gives_way_at=_LIKELIER)
# What a container far around is called ("ad", "banner") is a hint only.
FURNITURE = Rule("rule:furniture", certain.furniture, gives_way_at=_LIKELIER)
# A list of links can be the text; what a menu says never is.
LINKED_LINE = Rule("rule:all-link", certain.linked_line, gives_way_at=0.9)
LINKED_MENU = Rule("rule:all-link", certain.linked_menu)
FORM_CONTROL = Rule("rule:form-control", certain.form_control)
RELATED_LABEL = Rule("rule:related-label", certain.leads_to_others)
# Text that has no sentences.
LISTING = Rule("rule:preformatted", certain.listing, is_surely_text=True)
IDENTIFIERS = Rule("rule:identifiers", certain.identifiers, is_surely_text=True)
CERTAIN = (
    Rule("rule:headline", certain.headline),
    HIDDEN,
    Rule("rule:caption", certain.caption),
    Rule("rule:credit", certain.credit),
    Rule("rule:for-screen-readers", certain.for_screen_readers),
    Rule("rule:line-numbers", certain.line_numbers),
    FORM_CONTROL,
    Rule("rule:prompt", certain.plain_prompt, is_prompt=True),
    # Reports on fraud speak of inboxes and accounts, too: of 1,732 prompts outside of boxes on
    # labelled pages the model takes 13 for the text by so much, 12 of them rightly.
    Rule("rule:prompt", certain.prompt, gives_way_at=0.8, is_prompt=True),
    RELATED_LABEL,
    FURNITURE,
    Rule("rule:rights-notice", certain.rights_notice),
    Rule("rule:paywall-box", certain.paywall_box),
    Rule("rule:kicker", certain.kicker, gives_way_at=_ALL_BUT_CERTAIN),
    Rule("rule:dateline", certain.dateline, gives_way_at=_ALL_BUT_CERTAIN),
    Rule("rule:byline", certain.byline, gives_way_at=_ALL_BUT_CERTAIN),
    LISTING,
    IDENTIFIERS,
    LINKED_LINE,
    LINKED_MENU,
)

# ---------------------------------------------------------------- running text (confidence: as often as they are right)

OUTSIDE_MAIN = Rule(Reason.OUTSIDE_MAIN, confidence=0.7, gives_way_at=_LIKELIER)
BESIDE_TEXT = Rule(Reason.BESIDE_TEXT, confidence=0.6, gives_way_at=_LIKELIER)
HEADING = Rule("rule:heading", confidence=0.7, gives_way_at=_LIKELIER)
HEADING_OUTSIDE = Rule("model:heading-outside", confidence=0.6, gives_way_at=_LIKELIER)
LINKS = Rule("model:links", confidence=0.6, gives_way_at=_LIKELIER)
LIST = Rule("rule:list", confidence=0.7, gives_way_at=_LIKELIER)
LIST_OUTSIDE = Rule("model:list-outside", confidence=0.6, gives_way_at=_LIKELIER)
BLOCKQUOTE = Rule("rule:blockquote", confidence=0.8, gives_way_at=_LIKELIER)
RUNNING_TEXT = Rule("model:running-text", confidence=0.8, gives_way_at=_LIKELIER)
SENTENCE = Rule("model:running-text", confidence=0.6, gives_way_at=_LIKELIER)
SHORT = Rule("model:short", confidence=0.6, gives_way_at=_LIKELIER)
PRINTED_TWICE = Rule(Reason.PRINTED_TWICE, confidence=0.7)

# ---------------------------------------------------------------- neighbours

BESIDE_CREDIT = Rule("rule:beside-credit", confidence=0.8)
SERIES_NOTE = Rule("rule:series-note")
TEASERS = Rule("rule:teasers")
BARE_SUBHEAD = Rule("rule:bare-subhead", confidence=0.7, gives_way_at=_LIKELIER)
PROMPT_GOES_ON = Rule("rule:prompt-goes-on", confidence=0.8, is_prompt=True)
PROMPT_BOX = Rule("rule:prompt-box", confidence=0.8, is_prompt=True)
PROMPT_SECTION = Rule("rule:prompt-section", confidence=0.8, is_prompt=True)
PROMPT_AT_END = Rule("rule:prompt-at-end", confidence=0.7, is_prompt=True)
OFFER = Rule("rule:offer", confidence=0.7, is_prompt=True)
WALL_BOX = Rule("rule:wall-box", confidence=0.8, is_prompt=True)
BELOW_WALL = Rule("rule:below-wall", confidence=0.8, is_prompt=True)
BELOW_COMMENTS_LINE = Rule("rule:below-comments-line", confidence=0.8)

# ---------------------------------------------------------------- when the model has spoken

BODY = Rule("model:body")
NOT_BODY = Rule(Reason.NOT_BODY)
OF_A_WHOLE = Rule("rule:of-a-whole", confidence=0.8)
NOT_OF_TEXT = Rule("rule:not-of-text", confidence=0.7)
ABOVE_A_WHOLE = Rule("rule:above-a-whole", confidence=0.8)
TOP_OF_LINKS = Rule("rule:top-of-links", confidence=0.7)
BESIDE_A_FIELD = Rule("rule:beside-a-field", confidence=0.8)
DEK = Rule("model:dek")
DEK_REPEATED = Rule("rule:dek-repeated", confidence=0.8)
TERM = Rule("rule:term")
CAPTION_BELOW_PICTURE = Rule("rule:caption-below-picture", confidence=0.7)
NUMBERED_FIGURE = Rule("rule:numbered-figure", confidence=0.9)
ALTERNATIVE_TEXT = Rule("rule:alternative-text", confidence=0.9)
CAPTION_MAKE = Rule("rule:caption-make", confidence=0.8)
CAPTION_OF_BOX = Rule("rule:caption-of-box", confidence=0.7)
OTHER_ARTICLE = Rule("rule:other-article", confidence=0.8)
ABOUT_AUTHOR = Rule("rule:about-author", confidence=0.8)
DISCLAIMER = Rule("rule:disclaimer", confidence=0.8)
READ_ALOUD = Rule("rule:read-aloud", confidence=0.8)
KICKER_IN_HEADLINE = Rule("rule:kicker-in-headline", confidence=0.8)
MAIL_HEAD = Rule("rule:mail-head", confidence=0.9)
CREDIT_IN_CAPTION = Rule("rule:credit-in-caption", confidence=0.9)
