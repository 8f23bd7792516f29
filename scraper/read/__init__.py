"""Bytes to an Article: encoding, blocks, roles, metadata, access."""

import os

# The matrices of a page are small: a second thread of the linear algebra would only wait for the first, at full
# load. Said before numpy is imported, which looks once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
