"""What stops the loading of a table."""


class ContractBroken(RuntimeError):  # noqa: N818 - a name that operators know, not an …Error
    """A file does not have the columns its declaration reads: names file, table and columns."""


class SourceUnavailable(RuntimeError):  # noqa: N818 - a name that operators know, not an …Error
    """A system does not answer as it should; what it gave before stays as it is.

    what says which request and how it failed, without keys, queries or anything of a person.
    """

    def __init__(self, system: str, what: str) -> None:
        super().__init__(f"{system}: {what}.")
        self.system = system
