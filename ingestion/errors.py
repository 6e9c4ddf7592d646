"""What stops the loading of a table."""


class ContractBroken(RuntimeError):  # noqa: N818 - a name that operators know, not an …Error
    """A file does not have the columns its declaration reads: names file, table and columns."""
