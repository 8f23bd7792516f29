"""
WARC files as people have them: packed in every way, revisits, pages without their answers, ARC.

warcs/wget.warc.gz was made by GNU Wget 1.21 of two invented pages, warcs/wget.wacz of it by wacz
0.5.
"""

import gzip
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.store.captures import WarcReader, payload_digest, read_capture

WARCS = Path(__file__).parent / "warcs"
PAGES = ["http://127.0.0.1:8931/lighthouse.html", "http://127.0.0.1:8931/quay.html"]
BODIES = [b"<p>The lock is shut.", b"<p>The lock is open.", b"<p>The lock is new."]


def record(
    body=BODIES[0], url="https://news.example/a", kind="response", date="2020-01-02T03:04:05Z", head=b"200 OK", **fields
):
    """One plain record; *head* None for one that has no answer of a server."""
    block = body if head is None else b"HTTP/1.1 " + head + b"\r\nContent-Type: text/html\r\n\r\n" + body
    named = {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": date, "Content-Length": len(block)}
    named |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


RECORDS = [record(body, f"https://news.example/{n}") for n, body in enumerate(BODIES)]


def arc_record(body, url="http://news.example/a", fields="192.0.2.1 20010203040506 text/html"):
    block = b"HTTP/1.0 200 OK\nContent-Type: text/html\n\n" + body
    return f"{url} {fields} {len(block)}\n".encode() + block + b"\n"


def arc_head(version=1):
    block = f"{version} 0 Tides\nURL IP-address Archive-date Content-type Archive-length\n\n".encode()
    return f"filedesc://old.arc 0.0.0.0 20010203040500 text/plain {len(block)}\n".encode() + block + b"\n"


def bundle(*files, how=zipfile.ZIP_STORED):
    """A WACZ with these WARC files in it."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", how) as made:
        made.writestr("datapackage.json", "{}")
        for n, content in enumerate(files):
            made.writestr(f"archive/{n}.warc.gz", content)
    return packed.getvalue()


def frames_with_dictionary():
    dictionary = zstandard.train_dictionary(2000, [record(b"<p>Tide %d" % n * 9) for n in range(400)])
    packer = zstandard.ZstdCompressor(dict_data=dictionary)
    data = dictionary.as_bytes()
    head = b"\x5d\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data
    return head + b"".join(packer.compress(one) for one in RECORDS)


def members(pack, records=RECORDS):
    return b"".join(map(pack, records))


def read(folder, content, **kwargs):
    path = folder / "in.warc"
    path.write_bytes(content)
    reader = WarcReader(path, **kwargs)
    return reader, list(reader.located())


@pytest.mark.parametrize(
    ("content", "is_in_place"),
    [
        (b"".join(RECORDS), True),
        (members(gzip.compress), True),
        (gzip.compress(b"".join(RECORDS)), False),
        (members(zstandard.compress), True),
        (zstandard.compress(b"".join(RECORDS)), False),
        (frames_with_dictionary(), True),
        (bundle(members(gzip.compress, RECORDS[:1]), members(gzip.compress, RECORDS[1:])), True),
        (bundle(members(gzip.compress), how=zipfile.ZIP_DEFLATED), False),
        (bundle(gzip.compress(b"".join(RECORDS))), False),
        (arc_head() + members(arc_record, BODIES), True),
        (gzip.compress(arc_head()) + members(lambda body: gzip.compress(arc_record(body)), BODIES), True),
    ],
    ids=(
        "plain gzip gzip-as-one zstd zstd-as-one zstd-dictionary wacz wacz-deflated wacz-gzip-as-one arc arc-gzip"
    ).split(),
)
def test_every_way_to_pack_a_file_gives_its_pages_and_their_places(tmp_path, content, is_in_place):
    reader, found = read(tmp_path, content)
    assert BODIES == [one.exchange.body for one in found]
    assert (0, []) == (reader.broken_count, reader.problems)
    assert [is_in_place] * 3 == [one.place is not None for one in found]
    for one in found:
        if one.place:
            assert one.exchange == read_capture(tmp_path, "in.warc", one.place.offset)
            assert one.place.offset + one.place.length <= len(content)


@pytest.mark.parametrize("name", ["wget.warc.gz", "wget.wacz"])
def test_what_other_tools_make_is_read_where_it_lies(name):
    reader = WarcReader(WARCS / name)
    found = list(reader.located())
    assert PAGES == [one.exchange.url for one in found]
    assert 0 == reader.broken_count
    assert [one.exchange for one in found] == [read_capture(WARCS, name, one.place.offset) for one in found]


def test_an_arc_of_version_two_has_more_fields_and_gives_the_same(tmp_path):
    fields = "192.0.2.1 20010203040506 text/html 200 - - 0 old.arc"
    _, (one,) = read(tmp_path, arc_head(2) + arc_record(BODIES[0], fields=fields))
    assert (BODIES[0], "2001-02-03T04:05:06+00:00") == (one.exchange.body, one.exchange.at.isoformat())


def test_a_broken_record_of_an_arc_costs_only_itself(tmp_path):
    reader, found = read(
        tmp_path,
        arc_head() + arc_record(BODIES[0]) + b"http://news.example/x 1 2\nnothing\n\n" + arc_record(BODIES[1]),
    )
    assert BODIES[:2] == [one.exchange.body for one in found]
    assert 1 == reader.broken_count


DIGEST = payload_digest(BODIES[0])


def revisit(digest=DIGEST, url="https://news.example/a", head=b"200 OK", **fields):
    return record(
        b"",
        url,
        kind="revisit",
        date="2020-02-01T00:00:00Z",
        head=head,
        WARC_Profile="http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        WARC_Payload_Digest=digest,
        **fields,
    )


ORIGINAL = record(WARC_Payload_Digest=DIGEST)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
@pytest.mark.parametrize("head", [b"200 OK", b"304 Not Modified", None])
def test_a_revisit_is_the_page_that_came_before_at_the_time_of_the_revisit(tmp_path, pack, head):
    reader, found = read(tmp_path, members(pack, [ORIGINAL, RECORDS[1], revisit(head=head)]))
    last = found[-1].exchange
    assert (BODIES[0], 200, "2020-02-01") == (last.body, last.status, f"{last.at:%Y-%m-%d}")
    assert (0, 0) == (reader.broken_count, reader.lost_count)
    assert found[-1].place is None, "a page is not read from the place of a revisit"


def test_a_revisit_may_name_another_address(tmp_path):
    again = revisit(WARC_Refers_To_Target_URI="https://news.example/a").replace(
        b"example/a\r\nWARC-D", b"example/b\r\nWARC-D"
    )
    _, found = read(tmp_path, ORIGINAL + again)
    assert [("https://news.example/a", BODIES[0]), ("https://news.example/b", BODIES[0])] == [
        (one.exchange.url, one.exchange.body) for one in found
    ]


def test_a_revisit_of_a_page_in_another_file_is_asked_for_and_counted_where_nobody_has_it(tmp_path):
    _, (kept,) = read(tmp_path, ORIGINAL)
    asked = []

    def find(url, digest):
        asked.append((url, digest))
        return kept.exchange

    _, (one,) = read(tmp_path, revisit(), find=find)
    assert [("https://news.example/a", DIGEST)] == asked
    assert BODIES[0] == one.exchange.body
    reader, found = read(tmp_path, revisit() + ORIGINAL)
    assert (1, 1) == (len(found), reader.lost_count)


@pytest.mark.parametrize("kind", ["resource", "conversion"])
def test_a_page_that_was_kept_without_its_answer_is_a_page(tmp_path, kind):
    _, (one,) = read(tmp_path, record(kind=kind, head=None, Content_Type="text/html; charset=utf-8"))
    assert (200, BODIES[0]) == (one.exchange.status, one.exchange.body)
    assert (("Content-Type", "text/html; charset=utf-8"),) == one.exchange.headers


def test_a_resource_that_is_no_page_is_none(tmp_path):
    reader, found = read(tmp_path, record(kind="resource", head=None, Content_Type="image/png"))
    assert ([], 1) == (found, reader.other_count)


def test_a_record_in_segments_is_said_to_be_one(tmp_path):
    reader, found = read(tmp_path, record(WARC_Segment_Number="1") + RECORDS[1])
    assert [BODIES[1]] == [one.exchange.body for one in found]
    assert "in segments" in reader.problems[0]


def test_a_damaged_zstd_frame_costs_only_itself(tmp_path):
    packed = [zstandard.compress(one) for one in RECORDS]
    for place in (4, 9, len(packed[1]) // 2, len(packed[1]) - 1):
        damaged = bytearray(packed[1])
        damaged[place] ^= 0xFF
        reader, found = read(tmp_path, packed[0] + bytes(damaged) + packed[2])
        bodies = [one.exchange.body for one in found]
        assert [BODIES[0], BODIES[2]] == [bodies[0], bodies[-1]], place
        assert reader.broken_count or 3 == len(bodies), place


def test_a_zstd_frame_that_unpacks_to_gigabytes_is_left(tmp_path):
    bomb = zstandard.compress(b"WARC/1.1\r\nWARC-Type: response\r\n" + bytes(1 << 27))
    reader, found = read(tmp_path, zstandard.compress(RECORDS[0]) + bomb + zstandard.compress(RECORDS[1]))
    assert BODIES[:2] == [one.exchange.body for one in found]
    assert reader.broken_count


def test_a_damaged_file_of_a_wacz_costs_only_itself(tmp_path):
    content = bytearray(bundle(b"".join(RECORDS[:1]) * 50, b"".join(RECORDS[1:]), how=zipfile.ZIP_DEFLATED))
    place = content.index(b"archive/0.warc.gz") + len(b"archive/0.warc.gz")
    content[place : place + 8] = b"\xff" * 8
    reader, found = read(tmp_path, bytes(content))
    assert BODIES[1:] == [one.exchange.body for one in found]
    assert "archive/0.warc.gz" in reader.problems[0]


@pytest.mark.parametrize("cut", [30, 200, 400])
def test_a_wacz_that_is_cut_is_said_to_be_none(tmp_path, cut):
    reader, found = read(tmp_path, bundle(members(gzip.compress))[:cut])
    assert [] == found
    assert "no WACZ that can be read" in reader.problems[0]


@given(st.binary(max_size=300), st.sampled_from([zstandard.compress(RECORDS[0]), arc_head() + arc_record(BODIES[0])]))
def test_any_bytes_behind_a_record_are_read_to_their_end(tmp_path_factory, junk, content):
    _, found = read(tmp_path_factory.mktemp("warc"), content + b"\r\n" + junk)
    assert BODIES[0] == found[0].exchange.body
