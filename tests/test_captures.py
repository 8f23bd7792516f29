"""
Raw responses: what was written comes back; what others wrote is read; what is broken costs only
itself.
"""

import gzip
import re
import tracemalloc
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from samples import exchange
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.model import StoredCapture
from archive.store.captures import CaptureWriter, WarcReader, payload_digest, read_capture, read_warc
from scraper.errors import ArchiveError


def record(
    body=b"<p>A text.", *, url="https://news.example/a", kind="response", headers=(), date="2020-01-02T03:04:05Z"
):
    """One plain WARC record, as other programs write it: the body as it crossed the wire."""
    http = "".join(f"{name}: {value}\r\n" for name, value in headers)
    block = b"HTTP/1.1 200 OK\r\n" + http.encode() + b"\r\n" + body
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n"
    return head.encode() + f"Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def read(tmp_path, content):
    """The reader of a file with *content* after it went through, and the bodies it gave."""
    path = tmp_path / "in.warc"
    path.write_bytes(content)
    reader = WarcReader(path)
    return reader, [found.body for found in reader]


# ---------------------------------------------------------------- writing


def test_a_capture_comes_back_from_its_location_as_it_was(tmp_path):
    """All but what was sent, which is kept in a record of its own."""
    sent = exchange()
    with CaptureWriter(tmp_path, "pass-1", 1_000_000) as writer:
        location = writer.write(sent)
        assert replace(sent, request_headers=()) == read_capture(tmp_path, location.file, location.offset)


@given(
    st.binary(max_size=500),
    st.lists(st.tuples(st.from_regex(r"[A-Za-z-]{1,8}", fullmatch=True), st.text(max_size=20)), max_size=4),
    st.text(max_size=10),
)
def test_any_body_and_headers_are_kept_and_no_header_breaks_out_of_its_line(tmp_path_factory, body, headers, reason):
    headers = tuple((f"X-{name}", value) for name, value in headers)
    folder = tmp_path_factory.mktemp("warc")
    with CaptureWriter(folder, "pass", 1_000_000) as writer:
        location = writer.write(exchange(body, headers=headers, reason=reason))
    found = read_capture(folder, location.file, location.offset)
    assert body == found.body
    assert [name for name, _ in headers] == [name for name, _ in found.headers if name != "Content-Length"]


def test_header_values_keep_their_bytes(tmp_path):
    sent = exchange(headers=(("Location", "/caf\xc3\xa9"), ("Server", "é")))
    with CaptureWriter(tmp_path, "pass-1", 1_000_000) as writer:
        location = writer.write(sent)
    found = read_capture(tmp_path, location.file, location.offset)
    assert sent.headers == found.headers[:2]


def test_other_tools_read_the_body_its_length_and_its_digest(tmp_path):
    with CaptureWriter(tmp_path, "pass-1", 1_000_000) as writer:
        location = writer.write(exchange(b"<p>Waves."))
    with (tmp_path / location.file).open("rb") as file:
        records = [
            (found.rec_type, found.rec_headers, found.http_headers, found.content_stream().read())
            for found in ArchiveIterator(file, check_digests="raise")
        ]
    assert ["warcinfo", "response", "request"] == [kind for kind, *_ in records]
    _, names, headers, body = records[1]
    assert body == b"<p>Waves."
    assert headers["Content-Length"] == "9"
    assert headers["X-Crawl-Content-Encoding"] == "gzip"
    assert names["WARC-Payload-Digest"] == location.digest
    assert records[2][2].to_str().startswith("GET /storm?b=1&a=%C3%A9 HTTP/1.1")
    assert names["WARC-Record-ID"] == records[2][1]["WARC-Concurrent-To"]


def named_records(path):
    with path.open("rb") as file:
        return [(found.rec_type, found.rec_headers) for found in ArchiveIterator(file, check_digests="raise")]


def test_no_record_names_one_that_comes_later(tmp_path):
    with CaptureWriter(tmp_path, "pass-1", 1_000_000) as writer:
        known = stored_capture(writer.write(exchange(b"1")))
        writer.write(exchange(b"2"))
        file = writer.write(exchange(b"1"), known).file
    seen = set()
    for _, names in named_records(tmp_path / file):
        for name in ("WARC-Concurrent-To", "WARC-Refers-To"):
            assert names.get_header(name) in {None, *seen}
        seen.add(names["WARC-Record-ID"])
    assert 7 == len(seen)


# ---------------------------------------------------------------- pages that come again


def stored_capture(location, *, capture_id=7):
    return StoredCapture(
        capture_id, "https://tide.example/storm?b=1&a=é", "", None, datetime.now(UTC), 200, None, location
    )


def test_the_same_bytes_again_are_a_revisit_record(tmp_path):
    """WARC 1.1 §6.7.2, as `warcio`, FastWARC and pywb read it."""
    first = exchange(b"<p>Waves.")
    with CaptureWriter(tmp_path, "pass-1", 1_000_000) as writer:
        location = writer.write(first)
    again = replace(first, at=first.at + timedelta(hours=1), headers=(*first.headers, ("Age", "9")))
    with CaptureWriter(tmp_path, "pass-2", 1_000_000) as writer:
        second = writer.write(again, stored_capture(location))
    assert (None, 7) == (location.of, second.of)
    assert location.digest == second.digest == payload_digest(b"<p>Waves.")
    (_, original), _ = named_records(tmp_path / location.file)[1:]
    (kind, names), (_, request) = named_records(tmp_path / second.file)[1:]
    assert "revisit" == kind
    assert {
        "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC-Refers-To": original["WARC-Record-ID"],
        "WARC-Refers-To-Target-URI": original["WARC-Target-URI"],
        "WARC-Refers-To-Date": original["WARC-Date"],
        "WARC-Payload-Digest": original["WARC-Payload-Digest"],
        "WARC-Date": "2026-03-02T07:00:00Z",
    }.items() <= dict(names.headers).items()
    assert request["WARC-Concurrent-To"] == names["WARC-Record-ID"]
    written = gzip.decompress((tmp_path / second.file).read_bytes())
    assert b"Age: 9" in written
    assert b"<p>Waves." not in written
    with (tmp_path / second.file).open("rb") as file:
        file.seek(second.offset)
        assert len(gzip.compress(b"")) < second.length == len(file.read(second.length))


def test_what_is_not_the_same_or_no_longer_there_is_kept_whole(tmp_path):
    with CaptureWriter(tmp_path, "pass-1", 1_000_000) as writer:
        first, second = writer.write(exchange(b"1")), writer.write(exchange(b"2"))
    with CaptureWriter(tmp_path, "pass-2", 1_000_000) as writer:
        revisit = writer.write(exchange(b"1"), stored_capture(first))
        for body, known in [
            (b"3", first),
            (b"2", first),
            (b"1", revisit),
            (b"1", replace(first, file="gone.warc.gz")),
            (b"1", replace(first, offset=first.offset + 3)),
            (b"1", replace(first, offset=10**9)),
        ]:
            location = writer.write(exchange(body), stored_capture(known))
            assert location.of is None
            assert body == read_capture(tmp_path, location.file, location.offset).body
        path = tmp_path / second.file
        path.write_bytes(path.read_bytes()[: second.offset + second.length - 9])
        assert writer.write(exchange(b"2"), stored_capture(second)).of is None
        assert writer.write(exchange(b"1"), stored_capture(first)).of == 7


def test_a_revisit_of_a_file_that_comes_in_is_the_page_again(tmp_path):
    with CaptureWriter(tmp_path, "pass-1", 1_000_000) as writer:
        first = writer.write(exchange(b"1"))
        writer.write(exchange(b"1"), stored_capture(first))
    reader = read_warc(tmp_path / first.file)
    assert [b"1", b"1"] == [found.body for found in reader]
    assert (0, 3) == (reader.broken_count, reader.other_count)


def test_no_secret_is_in_the_file(tmp_path):
    secret = (
        ("Cookie", "sid=hush"),
        ("authorization", "hush"),
        ("Proxy-Authorization", "hush"),
        ("SET-COOKIE", "hush"),
    )
    with CaptureWriter(tmp_path, "pass-1", 1_000_000) as writer:
        location = writer.write(exchange(request_headers=secret, headers=secret))
    assert b"hush" not in gzip.decompress((tmp_path / location.file).read_bytes())


def test_a_capture_is_on_disk_before_the_writer_is_closed(tmp_path):
    writer = CaptureWriter(tmp_path, "pass-1", 1_000_000)
    location = writer.write(exchange(b"first"))
    assert read_capture(tmp_path, location.file, location.offset).body == b"first"
    assert (tmp_path / location.file).stat().st_size >= location.offset + location.length
    writer.close()


def test_a_file_is_followed_by_the_next_one_at_its_size(tmp_path):
    with CaptureWriter(tmp_path, "pass-1", 900) as writer:
        locations = [writer.write(exchange(b"%d" % n)) for n in range(4)]
    assert len({location.file for location in locations}) > 1
    assert [b"0", b"1", b"2", b"3"] == [read_capture(tmp_path, one.file, one.offset).body for one in locations]


def test_a_pass_without_captures_leaves_no_file(tmp_path):
    with CaptureWriter(tmp_path / "warc", "pass-1", 1000):
        pass
    assert not (tmp_path / "warc").exists()


def test_a_second_writer_of_the_same_name_leaves_the_first_file_alone(tmp_path):
    """As after a crash: a torn end is never written behind."""
    for body in (b"first", b"second"):
        with CaptureWriter(tmp_path, "pass-1", 1_000_000) as writer:
            writer.write(exchange(body))
    assert len(list(tmp_path.iterdir())) == 2


def test_whatever_a_crash_leaves_of_a_file_its_earlier_records_are_read(tmp_path):
    with CaptureWriter(tmp_path, "pass-1", 1_000_000) as writer:
        locations = [writer.write(exchange(b"%d" % n)) for n in range(3)]
    path = tmp_path / locations[0].file
    whole = path.read_bytes()
    last = locations[2]
    for size in range(last.offset, len(whole), 7):
        path.write_bytes(whole[:size])
        found = [one.body for one in read_warc(path)]
        # A response is whole when all of it is there, whether or not the trailer of its gzip member
        # is.
        assert found[:2] == [b"0", b"1"]
        assert size < last.offset + last.length or found[2:] == [b"2"]


def test_a_name_that_leaves_the_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not a file name"):
        CaptureWriter(tmp_path, "../x", 1000)


def test_a_folder_that_cannot_be_made_is_an_error_with_a_sentence(tmp_path):
    (tmp_path / "warc").write_text("a file")
    with (
        CaptureWriter(tmp_path / "warc", "pass-1", 1000) as writer,
        pytest.raises(ArchiveError, match="cannot be kept"),
    ):
        writer.write(exchange())


@pytest.mark.parametrize(("file", "offset"), [("gone.warc.gz", 0), ("there.warc.gz", 3), ("there.warc.gz", 10**6)])
def test_a_capture_that_is_not_there_is_an_error_with_a_sentence(tmp_path, file, offset):
    (tmp_path / "there.warc.gz").write_bytes(gzip.compress(record()))
    with pytest.raises(ArchiveError, match=r"response"):
        read_capture(tmp_path, file, offset)


# ---------------------------------------------------------------- reading what others wrote


def test_plain_and_packed_files_are_read_alike(tmp_path):
    """Records packed one by one, or all in one piece."""
    records = [record(b"%d" % n) for n in range(3)]
    for content in (b"".join(records), b"".join(map(gzip.compress, records)), gzip.compress(b"".join(records))):
        reader, bodies = read(tmp_path, content)
        assert [b"0", b"1", b"2"] == bodies
        assert (reader.broken_count, reader.other_count) == (0, 0)


def test_what_a_record_says_is_what_comes(tmp_path):
    path = tmp_path / "in.warc"
    path.write_bytes(record(headers=(("Content-Type", "text/html"), ("X-Long", "a\r\n b"))))
    (found,) = read_warc(path)
    assert found.url == "https://news.example/a"
    assert found.at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (found.status, found.reason, found.http_version) == (200, "OK", "HTTP/1.1")
    assert found.headers == (("Content-Type", "text/html"), ("X-Long", "a b"))


def bare_deflate(body):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("payload", "headers"),
    [
        (gzip.compress(b"<p>Text", mtime=0), [("Content-Encoding", "gzip")]),
        (zlib.compress(b"<p>Text"), [("content-encoding", "deflate")]),
        (bare_deflate(b"<p>Text"), [("Content-Encoding", "deflate")]),
        (b"3\r\n<p>\r\n4\r\nText\r\n0\r\n\r\n", [("Transfer-Encoding", "chunked")]),
        (gzip.compress(b"<p>Text", mtime=0), [("Transfer-Encoding", "chunked"), ("Content-Encoding", "GZIP")]),
        (b"<p>Text", [("Content-Encoding", "gzip")]),
        (b"<p>Text", [("Content-Encoding", "br")]),
        (b"<p>Text", [("Transfer-Encoding", "chunked")]),
        (b"<p>Text", [("X-Crawl-Content-Encoding", "br"), ("Content-Length", "7")]),
    ],
)
def test_a_body_comes_without_its_codings_also_where_they_were_removed_before(tmp_path, payload, headers):
    _, bodies = read(tmp_path, record(payload, headers=headers))
    assert bodies == [b"<p>Text"]


def test_a_coding_that_we_cannot_undo_is_a_broken_record(tmp_path):
    reader, bodies = read(tmp_path, record(b"\x8b\x03\x80", headers=[("Content-Encoding", "compress")]) + record())
    assert bodies == [b"<p>A text."]
    assert reader.broken_count == 1


def test_records_that_are_no_response_of_the_web_are_passed_over(tmp_path):
    others = [record(kind=kind) for kind in ("warcinfo", "request", "metadata")] + [record(url="dns:a.example")]
    reader, bodies = read(tmp_path, b"".join(others) + record())
    assert bodies == [b"<p>A text."]
    assert (reader.broken_count, reader.other_count) == (0, 4)


@pytest.mark.parametrize(
    "broken",
    [
        b"this is no record\r\n\r\n",
        record().replace(b"HTTP/1.1 200 OK", b"gopher, not web"),
        record(date="yesterday"),
        record().replace(b"Content-Length", b"Content-Size"),
        record().replace(b"Content-Length: ", b"Content-Length: 9"),
        record().replace(b"WARC/1.0", b"WORC/1.0"),
    ],
)
def test_a_broken_record_costs_only_itself(tmp_path, broken):
    for packed in (lambda content: content, gzip.compress):
        reader, bodies = read(tmp_path, packed(record(b"1")) + packed(broken) + packed(record(b"2")))
        assert bodies == [b"1", b"2"]
        assert reader.broken_count == 1


def test_damage_within_a_packed_record_costs_only_that_record(tmp_path):
    members = [gzip.compress(record(b"%d" % n * 500 + bytes(range(256)))) for n in range(3)]
    for place in (0, 1, 12, len(members[1]) // 2, len(members[1]) - 6):
        damaged = bytearray(members[1])
        damaged[place] ^= 0xFF
        reader, bodies = read(tmp_path, members[0] + bytes(damaged) + members[2])
        assert [bodies[0][:1], bodies[-1][:1]] == [b"0", b"2"], place
        assert len(bodies) == 3 or reader.broken_count >= 1, place


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_to_their_end_without_an_error(tmp_path_factory, junk, is_packed):
    folder = tmp_path_factory.mktemp("warc")
    content = gzip.compress(record()) + junk if is_packed else record() + b"\r\n" + junk
    _, bodies = read(folder, content)
    assert bodies[0] == b"<p>A text."


def test_what_the_common_writer_of_warc_files_writes_is_read(tmp_path):
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    headers = StatusAndHeaders("404 Not Found", [("Content-Type", "text/html")], protocol="HTTP/1.0")
    writer.write_record(
        writer.create_warc_record(
            "http://news.example/", "response", payload=BytesIO(b"gone"), length=4, http_headers=headers
        )
    )
    path = tmp_path / "in.warc.gz"
    path.write_bytes(buffer.getvalue())
    assert [(404, b"gone")] == [(found.status, found.body) for found in read_warc(path)]


def test_a_file_that_is_not_there_is_an_error_with_a_sentence(tmp_path):
    with pytest.raises(ArchiveError, match="cannot be read"):
        list(read_warc(tmp_path / "gone.warc.gz"))


# ---------------------------------------------------------------- files that mean harm


def read_bounded(tmp_path, body: bytes):
    """What a file holds; fails where reading it took much memory."""
    tracemalloc.start()
    reader, bodies = read(tmp_path, body)
    assert tracemalloc.get_traced_memory()[1] < 150_000_000
    tracemalloc.stop()
    return reader, bodies


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(b"WARC/1.0\r\nWARC-Type: response\r\n")]
    parts += [packer.compress(bytes(1 << 22)) for _ in range(size >> 22)]
    return b"".join([*parts, packer.flush()])


def test_a_member_that_unpacks_to_gigabytes_is_left_and_the_next_one_read(tmp_path):
    reader, bodies = read_bounded(tmp_path, gzip.compress(record()) + bomb(1 << 27) + gzip.compress(record()))
    assert [b"<p>A text."] * 2 == bodies
    assert reader.broken_count >= 1
    assert reader.problems[0].startswith("byte ")


def test_beginnings_of_members_without_end_are_given_up(tmp_path):
    reader, bodies = read_bounded(tmp_path, b"\x1f\x8b\x08" * 200_000)
    assert [] == bodies
    assert "no records from here on" in reader.problems[-1] or reader.broken_count >= 1000
    assert len(reader.problems) <= 20


@pytest.mark.parametrize("length", ["-5", "1000000000000000", "30000000", "x", ""])
@pytest.mark.parametrize("is_packed", [True, False])
def test_a_length_that_is_none_costs_its_record_alone(tmp_path, length, is_packed):
    wrong = re.sub(rb"(\r\nContent-Length: )\d+", rb"\g<1>" + length.encode(), record(), count=1)
    pack = gzip.compress if is_packed else bytes
    reader, bodies = read_bounded(tmp_path, pack(wrong) + pack(record()))
    assert b"<p>A text." in bodies or (length == "30000000" and not is_packed)  # it swallows what follows
    assert reader.broken_count >= 1


def test_a_record_that_is_too_large_is_stepped_over(tmp_path):
    large = record(b"<p>" + b"x" * 21_000_000)
    reader, bodies = read_bounded(tmp_path, gzip.compress(large + record()) + gzip.compress(record()))
    assert [b"<p>A text."] * 2 == bodies
    assert 1 == reader.broken_count
    assert "no page (https://" in reader.problems[0]


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("br", lambda body: brotli.compress(body, quality=1)), ("zstd", zstandard.compress)],
)
def test_a_body_that_unpacks_to_too_much_is_a_broken_record(tmp_path, coding, pack):
    packed = pack(bytes(60_000_000))
    reader, bodies = read_bounded(tmp_path, record(packed, headers=[("Content-Encoding", coding)]) + record())
    assert [b"<p>A text."] == bodies
    assert 1 == reader.broken_count
    assert "unpacks to too much" in reader.problems[0]


@pytest.mark.parametrize(("coding", "pack"), [("br", brotli.compress), ("zstd", zstandard.compress)])
def test_codings_that_others_keep_are_taken_off(tmp_path, coding, pack):
    _, bodies = read(tmp_path, record(pack(b"<p>Waves."), headers=[("Content-Encoding", coding)]))
    assert [b"<p>Waves."] == bodies
