"""Files that outlive a crash: written whole or not at all, read back only as they were. No database.

Who calls chooses the place: `store.assessment.evidence` by hash, `store.operations.export_folder` by id.
"""

import os
from hashlib import sha256
from pathlib import Path

from monitor.errors import StorageError
from monitor.store.operations.files import sync


def keep_file(target: Path, content: bytes) -> None:
    """Write a file in place of what may be there; it is on the disk when this returns.

    Source: none (design: a file is complete or absent).
    Raises: StorageError if the disk refuses.
    """
    fresh = target.with_name(f".{target.name}.{os.getpid()}.{id(content)}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as wire:
            wire.write(content)
            wire.flush()
            os.fsync(wire.fileno())
        os.replace(fresh, target)
        sync(target.parent)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise StorageError("a file could not be kept", user_text="文件未能保存，请稍后再试") from error


def read_kept(target: Path, digest: str, word: str, remedy: str) -> bytes:
    """Return the content of a file whose hash is known.

    Source: none (design: nothing is shown that is not what was kept).

    Args:
        word: what the file is called (佐证文件).
        remedy: what the person can do if it is not there (请重新导出).
    Raises: StorageError if it is gone or no longer what it was.
    """
    try:
        content = target.read_bytes()
    except OSError as error:
        raise StorageError("a kept file is gone", user_text=f"{word}不在，{remedy}") from error
    if sha256(content).hexdigest() != digest:
        raise StorageError("a kept file was changed", user_text=f"{word}与登记的校验值不符，{remedy}")
    return content
