"""What holds for all tests."""

import pytest
from hypothesis import settings
from worlds import SOURCE, World

# How long an example takes says what else the machine does.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture
def world(tmp_path):
    worlds = []

    def make(pages, source=SOURCE):
        worlds.append(World(tmp_path, pages, source))
        return worlds[-1]

    yield make
    for made in worlds:
        made.archive.close()
