"""Whether the WARC files of others, in which captures lie, are there, and were taken in to their end."""

from __future__ import annotations

from pathlib import Path

from archive.run.health.finding import Finding
from archive.run.imports.remote import fetched_folder, find_parts
from archive.store import Archive


def check_imports(archive: Archive) -> list[Finding]:
    """A finding for each file that was moved or whose import was stopped; none where all is well."""
    needed = archive.files_that_captures_need()
    findings = []
    for file in archive.imported_files():
        if str(file.path) in needed and not file.path.exists():
            detail = f"{file.path} is gone, with raw responses in it: presswatch captures relocate FOLDER"
        elif file.ended_at is None:
            detail = f"{file.path} was taken in up to response {file.done_count}: import it again, and it goes on there"
        else:
            continue
        findings.append(Finding("imports", is_well=False, detail=detail))
    return findings


def check_fetched(database: Path) -> list[Finding]:
    """A finding for each file of an address that did not come whole, and that nobody fetches now."""
    return [
        Finding(
            "imports",
            is_well=False,
            detail=f"{part} was not fetched to its end ({part.stat().st_size / 1e6:.1f} MB): import its address again, "
            "or remove it",
        )
        for part in find_parts(fetched_folder(database))
    ]
