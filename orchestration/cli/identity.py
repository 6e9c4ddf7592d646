"""`habitue identity …`."""

import typer

identity = typer.Typer(
    help="Which records are one person: explain, undo, review, try on your own files.",
    no_args_is_help=True,
)


@identity.callback()
def _identity() -> None:
    """Which records are one person: explain, undo, review, try on your own files."""
