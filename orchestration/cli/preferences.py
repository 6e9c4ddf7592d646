"""`habitue preferences …`."""

import typer

preferences = typer.Typer(
    help="The preference centre: pages where people say what they want to receive.",
    no_args_is_help=True,
)


@preferences.callback()
def _preferences() -> None:
    """The preference centre, served."""
