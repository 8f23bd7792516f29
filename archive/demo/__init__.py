"""A small invented newspaper web, for the demo and the tests."""
