"""What stops the reading of a source, a table or a file."""


class ContractBroken(RuntimeError):  # noqa: N818 - a name that operators know, not an …Error
    """A file does not have the columns its declaration reads: names file, table and columns."""


class SourceUnavailable(RuntimeError):  # noqa: N818 - a name that operators know, not an …Error
    """A system could not be read now; its tables stay as they were and others go on."""

    def __init__(self, system: str, what: str) -> None:
        super().__init__(f"{system} is not available: {what}")
        self.system = system
        self.what = what


class FileRefused(RuntimeError):  # noqa: N818 - the file is the culprit, not the program
    """A whole file is set aside: it exceeds a limit or is not what its name says."""


class FileIncomplete(RuntimeError):  # noqa: N818 - it may come whole later
    """A file ends before its end; it waits."""
