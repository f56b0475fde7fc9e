"""Made documents as files under their id, in a folder outside everything that is served."""

from hashlib import sha256
from pathlib import Path

from monitor.store.operations.kept_files import keep_file, read_kept


class ExportFolder:
    """Files by export id in a folder of the file system."""

    def __init__(self, folder: Path) -> None:
        """Use a folder; it is made when the first file comes."""
        self._folder = folder

    def put(self, export_id: int, content: bytes) -> str:
        """Keep a file, and return its hash. It is on the disk when this returns.

        Raises: StorageError if the disk refuses.
        """
        keep_file(self._place(export_id), content)
        return sha256(content).hexdigest()

    def read(self, export_id: int, digest: str) -> bytes:
        """Return the content of a file.

        Raises: StorageError if it is gone or no longer what it was.
        """
        return read_kept(self._place(export_id), digest, "导出文件", "请重新导出")

    def remove(self, export_id: int) -> None:
        """Delete a file; one that is gone already is no fault."""
        self._place(export_id).unlink(missing_ok=True)

    def _place(self, export_id: int) -> Path:
        return self._folder / f"{export_id:010d}"
