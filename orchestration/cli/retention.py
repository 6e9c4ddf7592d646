"""`habitue retention …`."""

import typer

retention = typer.Typer(help="What leaves when: the calendar, and the purge.", no_args_is_help=True)


@retention.callback()
def _retention() -> None:
    """What leaves when: the calendar, and the purge."""
