"""Bytes to numbered blocks, with what their elements and surroundings tell."""
