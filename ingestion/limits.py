"""What a landed file may ask of this machine; more is refused with its reason, never tried."""

from ingestion.errors import FileRefused

GIB = 2**30
MIB = 2**20

# A day of a large retailer's events unpacks to a few GiB. A bomb unpacks to a thousand times its
# size; text of machines that repeats itself packs to a fiftieth.
UNPACKED_BYTES = 64 * GIB
UNPACKED_RATIO = 200
RATIO_COUNTS_FROM = 64 * MIB

LINE_BYTES = 16 * MIB
FIELD_BYTES = 1_000_000
COLUMNS = 2_000
JSON_DEPTH = 100
YAML_BYTES = 32 * MIB
YAML_NODES = 1_000_000
EXCERPT_CHARACTERS = 2_000  # of a row that is too long to keep whole


def check_width(file_name: str, column_count: int) -> None:
    """Raise FileRefused for more columns than COLUMNS: DuckDB's binding of them is quadratic."""
    if column_count > COLUMNS:
        raise FileRefused(f"{file_name} has {column_count} columns; {COLUMNS} are allowed.")
