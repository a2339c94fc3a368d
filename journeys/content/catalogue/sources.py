"""The files of pieces as raw bytes, which are versioned, stored and approved; their content is not interpreted here."""

from __future__ import annotations

import hashlib
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from journeys.content.catalogue.pictures import MAX_PNG, MEDIA_TYPES, check_picture
from journeys.content.catalogue.piece_block import KEY as BLOCK
from journeys.content.catalogue.piece_block import (
    NO_FRONT_MATTER,
    MisplacedBlock,
    PieceBlock,
    has_front_matter,
    split_block,
)
from journeys.content.templates import MAX_BYTES, included_names
from journeys.definition.model import NOWHERE, Mark
from journeys.definition.reading.shape import KEY, LOCALE
from journeys.primitives.canonical import canonical
from journeys.primitives.problems import Problem, did_you_mean

RULE = "content"
SHARED = "piece.yaml"
PARTIALS = "_partials"
TEXT_FOLDER = "_texts"
#: The folder of the message texts: consent texts, replies and message frames.
GLOSSARY = "glossary.yaml"
#: The file of the names that the reading grade leaves out (journeys/content/catalogue/glossary.py).
_MAX_DEPTH = 16
_OTHER_PICTURES = (".jpg", ".jpeg", ".gif", ".webp", ".avif")
_KNOWN = f"{SHARED}, one Markdown file a locale, such as en.md, and a picture, such as figure.svg"
_PICTURE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\.(svg|png)")

Partials = Mapping[str, bytes]
#: The partials of a journey: `emergency.en.md` to its bytes.


@dataclass(frozen=True)
class PieceSource:
    """The files of one piece.

    `place` is the folder under `content/<journey>/`; its last part is the `key`. `files` are `piece.yaml` and the
    `<locale>.md`; `partials` are the partials that they include, directly or indirectly; `pictures` are SVG and PNG
    files. Where the author wrote `piece.yaml` as a block of a language file, `block` is its place, and `files` are the
    same as if there were two files.
    """

    key: str
    place: str
    files: Mapping[str, bytes] = field(repr=False)
    partials: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    pictures: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    block: PieceBlock | None = field(default=None, repr=False, compare=False)

    @cached_property
    def version(self) -> str:
        """SHA-256 (hexadecimal) of the key, the place and every byte of files, partials and pictures."""
        return hashlib.sha256(canonical(self.to_stored())).hexdigest()

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        stored: dict[str, Any] = {
            "key": self.key,
            "place": self.place,
            "files": {name: data.decode() for name, data in self.files.items()},
            "partials": {name: data.decode() for name, data in self.partials.items()},
        }
        if self.pictures:
            stored["pictures"] = {name: b64encode(data).decode() for name, data in self.pictures.items()}
        return stored

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> PieceSource:
        """The source of a stored form, with the same version."""
        files = {name: text.encode() for name, text in stored["files"].items()}
        partials = {name: text.encode() for name, text in stored["partials"].items()}
        pictures = {name: b64decode(text) for name, text in stored.get("pictures", {}).items()}
        return cls(stored["key"], stored["place"], files, partials, pictures)

    @property
    def written(self) -> dict[str, bytes]:
        """The files as the author wrote them, by name: without `piece.yaml` where it is a block."""
        if self.block is None:
            return dict(self.files)
        others = {name: data for name, data in self.files.items() if name != SHARED}
        return {**others, self.block.file: self.block.written}

    @property
    def shared_file(self) -> str:
        """The name of the file in which `piece.yaml` is written."""
        return SHARED if self.block is None else self.block.file

    @property
    def shared_name(self) -> str:
        """What messages call `piece.yaml`."""
        return SHARED if self.block is None else f"'{BLOCK}' of {self.block.file}"

    def mark_of_shared(self, mark: Mark) -> Mark:
        """The position in the author's file of a position in `piece.yaml`."""
        return mark if self.block is None else self.block.mark_of_shared(mark)

    def line_of_text(self, name: str, line: int) -> int:
        """The line of the author's file of a line of a language file."""
        return line if self.block is None or self.block.file != name else self.block.line_of_text(line)

    def line_without_block(self, name: str, line: int) -> int:
        """The line in `files` of a line of a language file as the author wrote it."""
        return line if self.block is None or self.block.file != name else self.block.line_without(line)

    def partials_of(self, locale: str) -> dict[str, bytes]:
        """The partials of a locale by name, without locale and `.md`."""
        end = f".{locale}.md"
        return {name.removesuffix(end): data for name, data in self.partials.items() if name.endswith(end)}


def read_sources(folder: Path) -> tuple[list[PieceSource], Partials, list[Problem]]:
    """The pieces under `content/<journey>/`, the partials, and every refused file.

    Args:
        folder: the folder of one journey. Problems name files as they are reached through it.

    Returns:
        The sources in order of their place, all partials, and the problems. A piece with a refused file is left out.
    """
    reader = _FolderReader(folder)
    if not folder.is_dir():
        return [], {}, []
    reader.folder(folder, ())
    sources = [
        PieceSource(
            folder_names[-1],
            "/".join(folder_names),
            files,
            _needed(files, reader.partials),
            reader.pictures[folder_names],
            reader.blocks.get(folder_names),
        )
        for folder_names, files in sorted(reader.pieces.items())
    ]
    return sources, reader.partials, sorted(reader.problems)


def _needed(files: Mapping[str, bytes], partials: Partials) -> dict[str, bytes]:
    """The partials that the files include, directly or through others, in the locale of each file."""
    needed: dict[str, bytes] = {}
    for name, data in files.items():
        if not name.endswith(".md"):
            continue
        waiting = list(included_names(data.decode()))
        while waiting:
            partial = f"{waiting.pop()}.{name}"
            if partial in partials and partial not in needed:
                needed[partial] = partials[partial]
                waiting += included_names(partials[partial].decode())
    return dict(sorted(needed.items()))


class _FolderReader:
    """Reads the folder of one journey."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pieces: dict[tuple[str, ...], dict[str, bytes]] = {}
        self.partials: dict[str, bytes] = {}
        self.pictures: dict[tuple[str, ...], dict[str, bytes]] = {}
        self.blocks: dict[tuple[str, ...], PieceBlock] = {}
        self.keys: dict[str, str] = {}
        self.problems: list[Problem] = []

    def problem(self, path: Path, message: str, mark: Mark = NOWHERE) -> None:
        self.problems.append(Problem(str(path), mark.line, mark.column, "error", RULE, message))

    def folder(self, path: Path, folder_names: tuple[str, ...]) -> None:
        files, folders = self.listed(path)
        if folder_names == (PARTIALS,):
            self.read_partials(files, folders)
            return
        is_piece = len(folder_names) >= 2 and any(file.name == SHARED or file.suffix == ".md" for file in files)
        if is_piece:
            self.piece(path, folder_names, files)
            for inner in folders:
                self.problem(inner, f"'{folder_names[-1]}' is a piece, so it may contain only files: {_KNOWN}.")
            return
        self.stray(files, folder_names)
        for inner in folders:
            if len(folder_names) >= _MAX_DEPTH:
                self.problem(inner, f"Folders nest deeper than {_MAX_DEPTH} levels.")
            else:
                self.folder(inner, (*folder_names, inner.name))

    def listed(self, path: Path) -> tuple[list[Path], list[Path]]:
        """The files and folders of a folder by name; hidden ones are skipped, links are refused."""
        files: list[Path] = []
        folders: list[Path] = []
        with os.scandir(path) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
        for entry in listed:
            if entry.name.startswith("."):
                continue
            if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
                self.problem(path / entry.name, "Links and special files are not followed; put the file itself here.")
            elif entry.is_dir():
                folders.append(path / entry.name)
            else:
                files.append(path / entry.name)
        return files, folders

    def stray(self, files: Iterable[Path], folder_names: tuple[str, ...]) -> None:
        strays = [path for path in files if folder_names and (path.name == SHARED or path.suffix == ".md")]
        if strays:
            key = folder_names[-1]
            message = f"The piece '{key}' is in no track's folder. Move it to <track>/<state path>/{key}/."
            self.problem(strays[0], message)
        for path in files:
            if not folder_names and path.name == GLOSSARY:
                continue
            if not folder_names:
                hint = did_you_mean(path.name, [GLOSSARY])
                self.problem(path, f"Unknown file '{path.name}'.{hint} Pieces belong in <track>/<state>/<piece>/.")
            elif path not in strays:
                self.unknown(path)

    def unknown(self, path: Path) -> None:
        if path.suffix.lower() in _OTHER_PICTURES:
            self.problem(path, f"'{path.name}' has an unsupported picture format. Save it as SVG or PNG.")
        elif path.suffix.lower() in MEDIA_TYPES:
            message = f"'{path.name}' has the wrong name or folder. Put a picture such as figure.svg beside {SHARED}."
            self.problem(path, message)
        elif path.suffix == ".yml":
            self.problem(path, f"Unknown file '{path.name}'. Did you mean '{SHARED}'?")
        else:
            self.problem(path, f"Unknown file '{path.name}'. Accepted: {_KNOWN}.")

    def piece(self, path: Path, folder_names: tuple[str, ...], files: Iterable[Path]) -> None:
        before = len(self.problems)
        contents: dict[str, bytes] = {}
        pictures: dict[str, bytes] = {}
        for file in files:
            if _PICTURE.fullmatch(file.name):
                pictures[file.name] = self.picture(file)
            elif file.name != SHARED and not (file.suffix == ".md" and LOCALE.fullmatch(file.stem)):
                self.unknown(file)
            elif (data := self.data(file)) is not None:
                contents[file.name] = data
        key = folder_names[-1]
        if not KEY.fullmatch(key) or len(key) > 64:
            self.problem(path, f"The piece's key '{key[:80]}' must consist of lower case letters, digits, '_' and '-'.")
        block = self.split(path, contents, has_file=any(file.name == SHARED for file in files))
        if key in self.keys:
            self.problem(path, f"The key '{key}' is already used by {self.keys[key]}. Keys must be unique.")
        self.keys.setdefault(key, "/".join(folder_names))
        if len(self.problems) == before:
            self.pieces[folder_names] = contents
            if block is not None:
                self.blocks[folder_names] = block
            self.pictures[folder_names] = pictures

    def split(self, path: Path, contents: dict[str, bytes], *, has_file: bool) -> PieceBlock | None:
        """Makes a block of a language file the content of `piece.yaml`; its place, or None where there is none."""
        before = len(self.problems)
        block: PieceBlock | None = None
        for name in [name for name in contents if name != SHARED]:
            try:
                parts = split_block(name, contents[name])
            except MisplacedBlock as error:
                self.problem(path / name, str(error), error.mark)
                continue
            if parts is None:
                continue
            if has_file or block is not None:
                first = SHARED if block is None else f"'{BLOCK}' of {block.file}"
                message = f"The piece '{path.name}' has {first} and '{BLOCK}' of {name}; keep one of the two."
                self.problem(path / name, message, Mark(parts[2].line))
                continue
            contents[name], contents[SHARED], block = parts
        if block is not None or has_file or len(self.problems) > before:
            return block
        without = [name for name, data in contents.items() if not has_front_matter(data)]
        for name in without:
            self.problem(path / name, NO_FRONT_MATTER)
        if not without:
            message = (
                f"The piece '{path.name}' has no '{BLOCK}:' in the file of the journey's first language, and no "
                f"{SHARED}. One of the two must give at least its 'purpose'."
            )
            self.problem(path, message)
        return None

    def picture(self, path: Path) -> bytes:
        """The bytes of a picture; its mistakes are added to the problems."""
        with path.open("rb") as file:
            data = file.read(MAX_PNG + 1)
        for line, message in check_picture(path.name, data):
            self.problems.append(Problem(str(path), line, 1, "error", RULE, message))
        return data

    def read_partials(self, files: Iterable[Path], folders: Iterable[Path]) -> None:
        for inner in folders:
            self.problem(inner, f"'{PARTIALS}' may contain only files, such as emergency.en.md.")
        for path in files:
            name, _, locale = path.stem.rpartition(".")
            if path.suffix != ".md" or not KEY.fullmatch(name) or not LOCALE.fullmatch(locale):
                self.problem(path, f"'{path.name}' cannot be the name of a partial. Use one such as emergency.en.md.")
            elif (data := self.data(path)) is not None:
                self.partials[path.name] = data

    def data(self, path: Path) -> bytes | None:
        """The bytes of a file, or None if it is too large or not UTF-8."""
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            self.problem(path, f"The file is larger than {MAX_BYTES} bytes (64 KB).")
            return None
        try:
            data.decode()
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            self.problems.append(
                Problem(str(path), line, 1, "error", RULE, "The file is not UTF-8 text. Save it as UTF-8.")
            )
            return None
        return data


def locales_of(source: PieceSource) -> Iterator[str]:
    """The locales for which the piece has a file."""
    return (name.removesuffix(".md") for name in source.files if name.endswith(".md"))
