"""The bytes of a landed text file, unpacked when gzip packed them, within the limits."""

import gzip
import io
import zlib
from pathlib import Path
from typing import IO, Any

from ingestion import limits
from ingestion.errors import FileIncomplete, FileRefused

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


def open_bytes(path: Path) -> IO[bytes]:
    """The content for reading from its begin, whatever the file's extension says.

    Raises FileRefused for a zip archive. Reading raises FileRefused when the content unpacks
    beyond the limits or is damaged, FileIncomplete when it is cut.
    """
    with path.open("rb") as file:
        mark = file.read(4)
    if mark == _ZIP:
        raise FileRefused(f"{path.name} is a zip archive. Land the files that it holds.")
    if mark[:2] != _GZIP:
        return path.open("rb")
    return io.BufferedReader(_Unpacked(path), buffer_size=limits.MIB)


class _Unpacked(io.RawIOBase):
    """What gzip packed, counted while it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content = gzip.open(path, "rb")  # noqa: SIM115 - closed by close()
        self._packed_bytes = max(path.stat().st_size, 1)
        self._read_bytes = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Close the packed file, too."""
        self._content.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer. Raises FileRefused, FileIncomplete."""
        try:
            found = self._content.readinto(buffer)
        except EOFError as error:
            raise FileIncomplete(f"{self._path.name} is cut: its gzip has no end.") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise FileRefused(f"{self._path.name} is damaged: {error}.") from error
        self._read_bytes += found
        self._check()
        return found

    def _check(self) -> None:
        ratio = self._read_bytes / self._packed_bytes
        if self._read_bytes > limits.UNPACKED_BYTES:
            size = limits.UNPACKED_BYTES // limits.GIB
            raise FileRefused(f"{self._path.name} unpacks to more than {size} GiB.")
        if self._read_bytes > limits.RATIO_COUNTS_FROM and ratio > limits.UNPACKED_RATIO:
            raise FileRefused(
                f"{self._path.name} unpacks to more than {limits.UNPACKED_RATIO} times its size."
            )
