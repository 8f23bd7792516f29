"""The pictures of an article, each with the caption and the credit that stand with it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from scraper.model import Image, LabelledBlock, Role
from scraper.read.page.blocks import Block, Element, Outline, Picture
from scraper.read.words.credits import clean_credit
from scraper.text import fold
from scraper.urls import split_url

# Elements that hold a picture together with its words.
_FIGURES = frozenset(("figure", "table", "dl"))
# How many blocks may stand between a picture outside such an element and its words: a label, or a
# button.
_MOST_BETWEEN = 2
# A size in an address; without it a name of fewer characters ("image", "size=") is that of many
# files.
_SIZE = re.compile(r"\d{2,4}x\d{2,4}")
_FEWEST_TELLING_CHARACTERS = 8


class _Words(NamedTuple):
    """A caption and a credit that stand together; one of them may be missing."""

    caption: LabelledBlock | None = None
    credit: LabelledBlock | None = None

    def followed_by(self, block: LabelledBlock) -> _Words | None:
        """With a block that stands behind; None where it begins the words of another picture."""
        if block.role is Role.CAPTION and self.caption is None:
            return self._replace(caption=block)
        if block.role is Role.CREDIT and self.credit is None:
            return self._replace(credit=block)
        return None


def find_images(outline: Outline, blocks: tuple[LabelledBlock, ...], lead_url: str | None) -> tuple[Image, ...]:
    """
    Pictures with the caption and credit that stand with them, in their order.

    A caption belongs to the picture it shares a figure with, else to the nearest one before it.
    What a page shows twice (for narrow screens and for wide ones) is one picture.
    """
    images: list[Image] = []
    for words in _words_of_pictures(blocks):
        image = _image_of(words, outline)
        if image is None:
            continue
        known = next((i for i, other in enumerate(images) if _has_same_words(other, image)), None)
        if known is None or _is_another(image, images):
            images.append(image)
        elif images[known].url is None:
            images[known] = image
    return tuple(_with_lead(images, lead_url))


def _words_of_pictures(blocks: Iterable[LabelledBlock]) -> Iterable[_Words]:
    """Captions and credits that stand together."""
    words = _Words()
    for block in blocks:
        is_of_picture = block.role is Role.CAPTION or block.role is Role.CREDIT
        longer = words.followed_by(block) if is_of_picture else None
        if longer is None and any(words):
            yield words
            words = _Words()
        if is_of_picture:
            words = longer or _Words().followed_by(block) or _Words()
    if any(words):
        yield words


def _image_of(words: _Words, outline: Outline) -> Image | None:
    """The picture that words stand with; None where they say nothing."""
    caption = words.caption.text if words.caption else None
    credit = clean_credit(words.credit.text) if words.credit else None
    place = words.caption or words.credit
    if place is None or not (caption or credit):
        return None
    picture = _picture_of(outline.blocks[place.number], outline.pictures)
    return Image(picture.url, caption, credit, picture.alt or None) if picture else Image(None, caption, credit)


def _picture_of(block: Block, pictures: tuple[Picture, ...]) -> Picture | None:
    figure = next((element for element in block.element.ancestors() if element.tag in _FIGURES), None)
    if figure is not None and (inside := _pictures_in(figure, pictures)):
        # The first can be what stands there until a script has loaded the second.
        return next((picture for picture in inside if picture.url), inside[0])
    before = [picture for picture in pictures if 0 <= block.order - picture.before_block <= _MOST_BETWEEN]
    return before[-1] if before else None


def _pictures_in(figure: Element, pictures: Iterable[Picture]) -> list[Picture]:
    later = (picture for picture in pictures if picture.element.order >= figure.order)
    return [picture for picture in later if figure in picture.element.ancestors()]


def _has_same_words(one: Image, other: Image) -> bool:
    return fold(one.caption) == fold(other.caption) and fold(one.credit) == fold(other.credit)


def _is_another(image: Image, images: Iterable[Image]) -> bool:
    """Whether an image with words that were met before has a file that was not."""
    url = image.url
    return url is not None and not any(other.url is not None and _is_same_file(url, other.url) for other in images)


def _with_lead(images: list[Image], lead_url: str | None) -> list[Image]:
    if lead_url:
        lead = next((i for i, image in enumerate(images) if image.url and _is_same_file(image.url, lead_url)), None)
        if lead is None:
            return [Image(lead_url, is_lead=True), *images]
    else:
        lead = 0
    return [replace(image, is_lead=True) if i == lead else image for i, image in enumerate(images)]


def _is_same_file(a: str, b: str) -> bool:
    """
    Whether two URLs name one file, in whatever size.

    >>> _is_same_file("https://a.example/320x180/quay-at-noon.jpg", "https://b.example/quay-at-noon.jpg?w=90")
    True
    >>> _is_same_file("https://a.example/1/750/image.jpg", "https://a.example/2/750/image.jpg")
    False
    """
    one, other = PurePosixPath(split_url(a).path), PurePosixPath(split_url(b).path)
    if one.name == other.name and len(_SIZE.sub("", one.stem)) >= _FEWEST_TELLING_CHARACTERS:
        return True
    return _SIZE.sub("", str(one)) == _SIZE.sub("", str(other))
