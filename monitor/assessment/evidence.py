"""Files of evidence (佐证材料): which may be taken, judged by name and content. Pure: bytes in, verdict out.

A file is never unpacked to disk and its name is never a path. Key types: `MediaType`, `AcceptedFile`,
`EvidenceRefused`.
"""

import io
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from monitor.errors import BadParameter

MAX_BYTES = 10 * 1024 * 1024
MAX_PICTURE_BYTES = 2 * 1024 * 1024
MAX_NAME_CHARS = 100
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_MEMBERS = 2_000
_CHUNK = 1 << 16
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
TOO_LARGE = "图片不能超过 2 MB"
_ALLOWED = "只接受 pdf、jpg、png、docx、xlsx 文件"


class MediaType(StrEnum):
    """What is taken; the value is sent with the file."""

    PDF = "application/pdf"
    JPG = "image/jpeg"
    PNG = "image/png"
    GIF = "image/gif"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


_OF_EXTENSION = {
    "pdf": MediaType.PDF,
    "jpg": MediaType.JPG,
    "jpeg": MediaType.JPG,
    "png": MediaType.PNG,
    "docx": MediaType.DOCX,
    "xlsx": MediaType.XLSX,
}
_MAGIC = {
    MediaType.PDF: b"%PDF-",
    MediaType.JPG: b"\xff\xd8\xff",
    MediaType.PNG: b"\x89PNG\r\n\x1a\n",
    MediaType.DOCX: b"PK\x03\x04",
    MediaType.XLSX: b"PK\x03\x04",
}
_PICTURES = {
    b"\xff\xd8\xff": (MediaType.JPG, "jpg"),
    b"\x89PNG\r\n\x1a\n": (MediaType.PNG, "png"),
    b"GIF87a": (MediaType.GIF, "gif"),
    b"GIF89a": (MediaType.GIF, "gif"),
}
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CORE = {MediaType.DOCX: "word/document.xml", MediaType.XLSX: "xl/workbook.xml"}


class EvidenceRefused(BadParameter):
    """A file cannot be taken as evidence; the text says why."""

    code = "evidence_refused"
    user_text = _ALLOWED


@dataclass(frozen=True, slots=True)
class AcceptedFile:
    """A file that may be stored: cleaned name, kind, and the hash under which it is kept."""

    name: str
    media_type: MediaType
    sha256: str
    content: bytes


def accept_file(name: str, content: bytes) -> AcceptedFile:
    """Judge a file by name and content.

    Source: requirement A.2 (“以文件为准”, “以记录为准”).
    Raises: EvidenceRefused for a wrong kind, size, name or a packed file that is none or a bomb.
    """
    shown = clean_file_name(name)
    media_type = _OF_EXTENSION.get(shown.rpartition(".")[2].lower())
    if media_type is None:
        raise EvidenceRefused(f"extension of {shown!r}")
    if not content:
        raise EvidenceRefused("empty", user_text="文件是空的")
    if len(content) > MAX_BYTES:
        raise EvidenceRefused(f"{len(content)} bytes", user_text="文件不能超过 10 MB")
    if not content.startswith(_MAGIC[media_type]):
        raise EvidenceRefused(
            "content is not what the name says", user_text=f"文件内容与扩展名不符，{_ALLOWED}"
        )
    if media_type in _CORE:
        _require_sound_package(content, _CORE[media_type])
    return AcceptedFile(shown, media_type, sha256(content).hexdigest(), content)


def accept_picture(stem: str, content: bytes) -> AcceptedFile:
    """Judge a picture that came by chat, by its content alone.

    Source: none (design): jpg, png or gif of at most 2 MB.

    Args:
        stem: its name without an extension, given by us.
        content: bytes.

    Raises: EvidenceRefused for anything else.
    """
    if len(content) > MAX_PICTURE_BYTES:
        raise EvidenceRefused(f"{len(content)} bytes", user_text=TOO_LARGE)
    kind = next((kind for magic, kind in _PICTURES.items() if content.startswith(magic)), None)
    if kind is None:
        raise EvidenceRefused("not a picture", user_text="只接受 jpg、png、gif 图片")
    media_type, extension = kind
    return AcceptedFile(f"{stem}.{extension}", media_type, sha256(content).hexdigest(), content)


def clean_file_name(name: str) -> str:
    """Return the name that is shown for a file: no folders, nothing invisible, at most 100 characters.

    Source: none (design).
    Raises: EvidenceRefused if nothing sensible is left.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2].strip()
    if any(unicodedata.category(character) in _UNSEEN for character in last):
        raise EvidenceRefused("invisible characters in the name", user_text="文件名含有不可见字符")
    stem, dot, extension = last.rpartition(".")
    if not dot or not stem.strip(". "):
        raise EvidenceRefused(f"name {last!r}", user_text=f"文件名不完整，{_ALLOWED}")
    return f"{stem[: MAX_NAME_CHARS - len(extension) - 1]}.{extension}"


def _require_sound_package(content: bytes, core: str) -> None:
    """Make sure that a packed document is one, small when unpacked, and carries no program.

    Every member is unpacked in memory, piece by piece: sizes that a package states about itself may lie.
    """
    damaged = EvidenceRefused("not a sound package", user_text="文件已损坏，或不是真正的 docx、xlsx")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
            names = {member.filename for member in members}
            if len(members) > MAX_MEMBERS or len(names) != len(members):
                raise EvidenceRefused(f"{len(members)} members", user_text="文件内部结构异常，不予接收")
            if not names >= {"[Content_Types].xml", core}:
                raise damaged
            if any(member.compress_type not in _PACKINGS for member in members):
                raise damaged
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise EvidenceRefused("macros", user_text="文件含有宏，不予接收；请另存为不含宏的文件")
            _unpack_within_limit(package, members)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise damaged from error


def _unpack_within_limit(package: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    n_bytes = 0
    for member in members:
        with package.open(member) as unpacked:
            while piece := unpacked.read(_CHUNK):
                n_bytes += len(piece)
                if n_bytes > MAX_UNPACKED_BYTES:
                    raise EvidenceRefused("zip bomb", user_text="文件解压后过大，不予接收")
