"""Made documents as files under their id, in a folder outside everything that is served."""

import os
from hashlib import sha256
from pathlib import Path

from monitor.errors import StorageError
from monitor.store.operations.files import sync


class ExportFolder:
    """Files by export id in a folder of the file system."""

    def __init__(self, folder: Path) -> None:
        """Use a folder; it is made when the first file comes."""
        self._folder = folder

    def put(self, export_id: int, content: bytes) -> str:
        """Keep a file, and return its hash. It is on the disk when this returns.

        Raises: StorageError if the disk refuses.
        """
        target = self._place(export_id)
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
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
            raise StorageError(
                "the export could not be kept", user_text="文件未能保存，请联系系统运维"
            ) from error
        return sha256(content).hexdigest()

    def read(self, export_id: int, digest: str) -> bytes:
        """Return the content of a file.

        Raises: StorageError if it is gone or no longer what it was.
        """
        try:
            content = self._place(export_id).read_bytes()
        except OSError as error:
            raise StorageError("the export is gone", user_text="导出文件不在，请重新导出") from error
        if sha256(content).hexdigest() != digest:
            raise StorageError("the export was changed", user_text="导出文件与登记的校验值不符，请重新导出")
        return content

    def remove(self, export_id: int) -> None:
        """Delete a file; one that is gone already is no fault."""
        self._place(export_id).unlink(missing_ok=True)

    def _place(self, export_id: int) -> Path:
        return self._folder / f"{export_id:010d}"
