"""What stops the loading of a table."""


class ContractBroken(RuntimeError):  # noqa: N818 - one of the four names of the house style
    """A file does not have the columns its declaration reads: names file, table and columns."""
