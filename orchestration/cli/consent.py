"""`habitue consent …`."""

import typer

consent = typer.Typer(help="The consent ledger: verify it, prove an entry.", no_args_is_help=True)


@consent.callback()
def _consent() -> None:
    """The consent ledger: verify it, prove an entry."""
