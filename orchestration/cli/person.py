"""`habitue person …`."""

import typer

person = typer.Typer(
    help="One person's rights: hand over what is held, erase it.", no_args_is_help=True
)


@person.callback()
def _person() -> None:
    """One person's rights: hand over what is held, erase it."""
