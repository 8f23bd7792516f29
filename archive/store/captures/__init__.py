"""
Raw responses, kept as WARC 1.1
(https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/).

A record holds the body without its content coding, because that is what we have and what
`presswatch reread` needs. So that any other tool reads it right, `Content-Length` tells the size of
what is there, and the headers that described the coding and length on the wire are kept with
"X-Crawl-" before their names, as Common Crawl does; reading takes that back. Headers that carry
secrets (cookies, authorization) are not written. HTTP/2 is written as HTTP/1.1, the only form WARC
has.

A response comes first, then the request that brought it and names it (`WARC-Concurrent-To`):
readers go by order, and no record names one that they have not seen. A page that comes again with
the same bytes is a `revisit` record, which has the headers and names the record that has the bytes.
"""

from __future__ import annotations

from archive.store.captures.reader import Located, WarcReader, read_capture, read_warc
from archive.store.captures.records import payload_digest
from archive.store.captures.writer import CaptureWriter

__all__ = ["CaptureWriter", "Located", "WarcReader", "payload_digest", "read_capture", "read_warc"]
