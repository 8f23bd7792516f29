"""Content codings: taken off whatever the pieces are, and never further than the bound."""

import contextlib
import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from scraper.decoding import BrokenCodingError, Decoder, UnreadableCodingError, decode_body, find_codings

PACKERS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress}


@given(st.binary(max_size=3000), st.lists(st.sampled_from(sorted(PACKERS)), max_size=3), st.integers(1, 500))
def test_any_body_comes_back_from_any_codings_in_any_pieces(body, codings, size):
    packed = body
    for coding in codings:
        packed = PACKERS[coding](packed)
    decoder = Decoder(tuple(codings), 10_000)
    for start in range(0, len(packed), size):
        decoder.feed(packed[start : start + size])
    decoder.finish()
    # Bytes that look packed though nobody said so are unpacked as well: not this test's matter.
    if not body.startswith(b"\x1f\x8b\x08"):
        assert (body, True) == (bytes(decoder.body), decoder.is_whole)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "none", ""]))
def test_any_bytes_give_a_body_or_a_named_error(body, header):
    with contextlib.suppress(ValueError):
        assert len(decode_body(body, header, 1000)) <= 1000


@pytest.mark.parametrize("coding", sorted(PACKERS))
def test_not_a_byte_more_than_one_beyond_the_limit_is_unpacked(coding):
    decoder = Decoder((coding,), 1000)
    decoder.feed(PACKERS[coding](bytes(5_000_000)))
    decoder.finish()
    assert decoder.is_over
    assert len(decoder.body) == 1001


def test_what_lies_between_two_codings_is_bounded_as_well():
    decoder = Decoder(("gzip", "br"), 1000)
    decoder.feed(brotli.compress(gzip.compress(b"x") + bytes(5_000_000)))
    decoder.finish()
    assert decoder.is_over


@pytest.mark.parametrize("coding", sorted(PACKERS))
def test_a_body_that_breaks_off_is_not_whole(coding):
    decoder = Decoder((coding,), 1_000_000)
    decoder.feed(PACKERS[coding](b"The storm shut two roads. " * 1000)[:-5])
    decoder.finish()
    assert not decoder.is_whole


def test_all_before_the_damage_is_kept():
    packed = bytearray(gzip.compress(b"The storm shut two roads."))
    packed[-8:] = b"12345678"
    decoder = Decoder(("gzip",), 1000)
    decoder.feed(bytes(packed))
    with pytest.raises(BrokenCodingError):
        decoder.finish()
    assert decoder.body == b"The storm shut two roads."


def test_codings_that_nobody_reads_are_named():
    with pytest.raises(UnreadableCodingError, match="compress"):
        find_codings("gzip, compress")
    with pytest.raises(UnreadableCodingError):
        find_codings("gzip, " * 5)


def test_a_zstd_frame_with_a_huge_window_is_refused():
    parameters = zstandard.ZstdCompressionParameters(window_log=27, compression_level=3)
    packed = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = packed.compress(b"x" * 1000) + packed.flush()
    with pytest.raises(BrokenCodingError):
        decode_body(body, "zstd", 1_000_000)
