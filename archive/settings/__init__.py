"""
The configuration folder, read once into frozen records: all that is had of it from here.

    presswatch.toml      how we behave, where the archive is, pictures, digest, mail, retention, metrics
    sources/*.toml       one table a source; here, and in the data folder where one is named
    alerts/*.toml        one table an alert, likewise
    phrases.toml         optional: words by which prompts are known, beside the shipped ones

Every mistake is reported at once, each with file, table, key and what was expected.
A key in a file is the name of a field of a record here or of `Source`; what a file leaves
out has the record's default. `password_env` names a variable: secrets are never in the files.
"""

from archive.settings.places import added_alerts_file, added_sources_file, config_files, config_folder
from archive.settings.reading import read_settings
from archive.settings.records import (
    MAIL_READERS,
    AlertSettings,
    ArchiveSettings,
    BrowseSettings,
    ChannelKind,
    ChannelSettings,
    DigestSettings,
    MailSettings,
    MetricsSettings,
    PassSettings,
    PictureSettings,
    RetentionRule,
    Settings,
)

__all__ = [
    "MAIL_READERS",
    "AlertSettings",
    "ArchiveSettings",
    "BrowseSettings",
    "ChannelKind",
    "ChannelSettings",
    "DigestSettings",
    "MailSettings",
    "MetricsSettings",
    "PassSettings",
    "PictureSettings",
    "RetentionRule",
    "Settings",
    "added_alerts_file",
    "added_sources_file",
    "config_files",
    "config_folder",
    "read_settings",
]
