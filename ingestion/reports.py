"""What a load says of itself."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class FileReport:
    """Counts of one file in one table.

    rows_read = rows_loaded + rows_quarantined + rows_duplicate + rows_erased; rows_emptied are
    among the loaded and the duplicates. Times are naive UTC.
    """

    load_id: str
    source_system: str
    file_name: str
    sha256: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_duplicate: int
    known_at_rule: str
    delivered_at: datetime
    rows_erased: int = 0
    rows_emptied: int = 0

    @property
    def is_balanced(self) -> bool:
        """Whether every row read is loaded, quarantined, duplicate or erased."""
        kept = self.rows_loaded + self.rows_quarantined + self.rows_duplicate
        return self.rows_read == kept + self.rows_erased


@dataclass(frozen=True)
class LoadReport:
    """What one call loaded into one table; files holds only those looked at by this call.

    notices are sentences for the operator: files that wait, files already known.
    """

    entity: str
    files: tuple[FileReport, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def rows_read(self) -> int:
        """Rows of all files."""
        return sum(file.rows_read for file in self.files)

    @property
    def rows_loaded(self) -> int:
        """Rows that are in the raw table now."""
        return sum(file.rows_loaded for file in self.files)

    @property
    def rows_quarantined(self) -> int:
        """Rows set aside with their reason in quarantine.files."""
        return sum(file.rows_quarantined for file in self.files)

    @property
    def rows_duplicate(self) -> int:
        """Rows that say nothing new."""
        return sum(file.rows_duplicate for file in self.files)

    @property
    def rows_erased(self) -> int:
        """Rows about people who were erased, dropped before the raw table."""
        return sum(file.rows_erased for file in self.files)

    @property
    def is_balanced(self) -> bool:
        """Whether every row read is accounted for, file by file."""
        return all(file.is_balanced for file in self.files)
