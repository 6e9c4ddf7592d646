"""`habitue person …`: erase one person, hand over what is held, look for somebody."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from orchestration.delivering import Desk
    from orchestration.erasing import Worked

person = typer.Typer(
    help="One person's rights: hand over what is held, erase it.", no_args_is_help=True
)


@person.command()
def erase(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="A customer id or a record id.")],
    by: Annotated[str, typer.Option(help="Who asks for it here: a name for the certificate.")],
    because: Annotated[str, typer.Option(help="Why: the reference of the person's request.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase one person everywhere, with a certificate; nothing can bring them back.

    The whole cluster goes: every record, address, device and id of the person. Orders stay in the
    books without them. Example: habitue person erase c_0f3a5b7d9e1c2f4a --by dpo --because "no 12"
    """
    from governance.erasure import people, requests
    from governance.erasure.gathering import gather
    from orchestration import erasing

    with _desk("erase") as desk:
        with desk.house.warehouse.connect() as con:
            counter = erasing.request_desk(desk, con)
            people.prepare(con)
            customer = people.find_customers(con, [wanted])[wanted]
            known = gather(con, [customer], counter.entities)[customer]
            typer.echo(
                f"{customer}: {len(known.records)} records, {len(known.emails)} e-mail addresses, "
                f"{len(known.phones)} numbers, {len(known.visitors)} devices; "
                f"{known.shared_count} shared with somebody else stay"
            )
            if dry_run:
                return
            if not yes:
                typer.confirm("Erase this person for ever?", abort=True)
            requests.request_erasure(counter, [wanted], by=by, because=because)
        _say(desk, erasing.work_off(desk))


@person.command()
def erasures() -> None:
    """Every erasure: finished, or what it waits for.

    Example: habitue person erasures
    """
    from governance.erasure import saga

    with _desk("erasures") as desk:
        for row in saga.read(desk.engine):
            state = f"finished {row['finished_at']:%Y-%m-%d}" if row["finished_at"] else "open"
            typer.echo(f"{row['erasure_id']}  since {row['started_at']:%Y-%m-%d}  {state}")
            for step in saga.steps_of(desk.engine, row["erasure_id"]):
                if step["state"] == saga.WAITING:
                    typer.echo(f"    waits at {step['place']}: {step['evidence']}")


@person.command()
def resume() -> None:
    """Take what people asked for through a source, and go on with every erasure, as a run does.

    Example: habitue person resume
    """
    from orchestration import erasing

    with _desk("erase") as desk:
        erasing.sweep_landed(desk)
        for request in erasing.take_requests(desk):
            typer.echo(f"{request}: names several customers; see docs/runbook.md, Erasure stuck")
        _say(desk, erasing.work_off(desk))


@person.command("export")
def hand_over(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="A customer id or a record id.")],
    out: Annotated[Path | None, typer.Option(help="Folder; access/ of the home if unset.")] = None,
    lang: Annotated[str | None, typer.Option(help="fr or en; both if unset.")] = None,
) -> None:
    """Write all that is held about one person: a page to read, and the same as JSON.

    The files are readable by you alone. Example: habitue person export c_0f3a5b7d9e1c2f4a --lang fr
    """
    from activation.why import require_language
    from orchestration import erasing

    if lang is not None:
        require_language(lang)
    with _desk("export") as desk:
        languages = [lang] if lang else list(desk.house.settings.languages)
        for path in erasing.hand_over(desk, wanted, out, languages):
            typer.echo(str(path))


@person.command()
def scan(
    file: Annotated[Path, typer.Option(help="Texts to look for, one a line.", exists=True)],
) -> None:
    """Say where any of the texts stands: every file and table below HABITUE_HOME.

    Exit code 1 when something was found. Example: habitue person scan --file canary.txt
    """
    from governance.erasure.scanner import scan as look
    from orchestration.cli import session
    from orchestration.erasure_places import OUTSIDE
    from orchestration.run_lock import RunLock

    settings = session.open_home()
    texts = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    with RunLock(settings.home).hold("scan", on_wait=lambda _: None):
        report = look(settings.home, texts, skip=OUTSIDE)
    for hit in report.hits:
        typer.echo(f"text {hit.number + 1}: {hit.place} {hit.where}")
    typer.echo(f"{report.files:,} files, {report.tables:,} tables, {len(report.hits)} hits")
    raise typer.Exit(code=1 if report.hits else 0)


@contextmanager
def _desk(what: str) -> "Iterator[Desk]":
    from contract.errors import ConfigError
    from orchestration import delivering, erasing
    from orchestration.cli import session

    settings = session.open_home()
    if not erasing.is_resolved(settings):
        raise ConfigError(f"{settings.warehouse}: nobody is known yet. Run `habitue run` first.")
    playbook = delivering.read_playbook(settings)
    with (
        session.writing(settings, what) as house,
        delivering.open_desk(house, playbook) as desk,
    ):
        yield desk


def _say(desk: "Desk", worked: "Worked") -> None:
    from governance.erasure import saga

    for erasure_id in worked.finished:
        folder = desk.house.settings.home / "erasures"
        typer.echo(f"{erasure_id}: finished, certificate {folder / erasure_id}.json")
    for erasure_id in worked.waiting:
        waits = [s for s in saga.steps_of(desk.engine, erasure_id) if s["state"] == saga.WAITING]
        for step in waits:
            typer.echo(f"{erasure_id}: waits at {step['place']}: {step['evidence']}")
        typer.echo("    every run goes on with it; see docs/runbook.md, Erasure stuck")
