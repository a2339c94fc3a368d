"""Reading the file that comes back from translators, whatever its format."""

from __future__ import annotations

from journeys.authoring.translation.rows import MAX_BYTES, TranslationFile, UnreadableTranslation
from journeys.authoring.translation.spreadsheet import read_csv
from journeys.authoring.translation.xliff import read_xliff


def read_translation(data: bytes) -> TranslationFile:
    """The translation in a file, XLIFF or CSV by its first character.

    Raises:
        UnreadableTranslation: the file is too large, or neither XLIFF 2.0 nor a spreadsheet of an export.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableTranslation(f"The file has more than {MAX_BYTES // 1024**2} MB.")
    begins = data[:200].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe \t\r\n")
    file = read_xliff(data) if begins.startswith(b"<") else read_csv(data)
    seen: set[str] = set()
    for row in file.rows:
        if row.id in seen:
            raise UnreadableTranslation(f"The unit '{row.id}' is in the file twice.")
        seen.add(row.id)
    return file
