"""Bytes to an Article: encoding, blocks, roles, metadata, access."""
