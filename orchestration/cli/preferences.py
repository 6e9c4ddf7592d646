"""`habitue preferences …`."""

from typing import Annotated

import typer

preferences = typer.Typer(
    help="The preference centre: pages where people say what they want to receive.",
    no_args_is_help=True,
)


@preferences.callback()
def _preferences() -> None:
    """The preference centre, served."""


@preferences.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8808,
) -> None:
    """Serve the pages behind the links of your e-mails, until interrupted.

    Writes to the state database only: it goes on while a run loads and delivers. Another address
    than this machine's own is for a reverse proxy that speaks TLS; set
    HABITUE_PREFERENCE_PAGES_URL to what people see. Example: habitue preferences serve
    """
    from orchestration.cli import session
    from orchestration.delivering import LOOPBACK
    from orchestration.preferences import serve as serve_pages

    settings = session.open_home()
    if host not in LOOPBACK:
        typer.echo(
            f"Listening on {host} without TLS: put a reverse proxy with a certificate before it, "
            "and let nobody else reach this port.",
            err=True,
        )
    typer.echo(
        f"Preference centre on http://{host}:{port}, reached from outside as "
        f"{settings.preference_pages_url}. Ctrl-C ends it."
    )
    serve_pages(settings, host, port)
