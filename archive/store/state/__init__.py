"""What the owner keeps beside the archive: what was read, stars, tags and notes."""

from archive.store.connection import state_path
from archive.store.state.file import State, marks_beside

__all__ = ["State", "marks_beside", "state_path"]
