"""What holds for all tests."""

from hypothesis import settings

# How long an example takes says what else the machine does.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
