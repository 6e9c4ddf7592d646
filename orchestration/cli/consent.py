"""`habitue consent …`: what was said, and the proof that nothing of it was changed since."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from governance.merkle.checkpoint import Checkpoint

consent = typer.Typer(
    help="The consent ledger: verify it, prove an entry, read who said what.",
    no_args_is_help=True,
)
Out = Annotated[Path | None, typer.Option(help="A file instead of the screen.")]
SHOWN = 10


@consent.callback()
def _consent() -> None:
    """The consent ledger: verify it, prove an entry, read who said what."""


@consent.command()
def verify(
    quick: Annotated[
        bool, typer.Option("--quick", help="Read again only what is new since the last time.")
    ] = False,
    kept: Annotated[
        Path | None, typer.Option("--kept", help="A checkpoint that was kept elsewhere.")
    ] = None,
) -> None:
    """Find whatever was edited, removed, inserted or reordered; name the first bad entry.

    Exit code 1 when something was. Example: habitue consent verify --kept checkpoint-2026-06.json
    """
    from governance.merkle import verify as verifying

    with _ledger() as (engine, now):
        found = verifying.verify(engine, now=now, is_full=not quick)
        lines = [f"NOT AS SIGNED. {one}" for one in found.findings[:SHOWN]]
        if kept is not None:
            lines += _compared(engine, kept)
    if not lines:
        typer.echo(f"{found.tree_size:,} leaves as signed, read from {found.since:,} on.")
        typer.echo(f"root {found.root}")
        return
    more = len(found.findings) - SHOWN
    typer.echo("\n".join([*lines, f"and {more} more"] if more > 0 else lines), err=True)
    typer.echo(
        "Nobody is contacted until a verification finds nothing. What to do: docs/runbook.md,"
        " “Ledger verification failed”.",
        err=True,
    )
    raise typer.Exit(1)


def _compared(engine: "Engine", path: Path) -> list[str]:
    from governance.merkle.keeper import keeper_of
    from governance.merkle.proof import extends

    kept = _read_checkpoint(path)
    keeper = keeper_of(engine)
    if keeper is None or not keeper.public.signed(kept):
        return [f"NOT AS SIGNED. {path}: not signed by the key of this ledger"]
    with engine.connect() as connection:
        if extends(connection, kept):
            return []
    return [f"NOT AS SIGNED. The log no longer begins with the {kept.tree_size} leaves of {path}"]


def _read_checkpoint(path: Path) -> "Checkpoint":
    import json

    from contract.errors import ConfigError
    from governance.merkle.checkpoint import Checkpoint

    try:
        return Checkpoint(**json.loads(path.read_text(encoding="utf-8"))["checkpoint"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"{path}: not a checkpoint ({type(error).__name__})."
            " `habitue consent checkpoint --out FILE` writes one."
        ) from None


@consent.command()
def proof(entry_id: str, out: Out = None) -> None:
    """The proof that an entry is in the signed log, for governance/merkle/check_proof.py.

    Example: habitue consent proof e_5d51f4caf8b61c4e0e03bc2c50ef1a60 --out proof.json
    """
    from governance.merkle.proof import prove_entry

    with _ledger() as (engine, _), engine.connect() as connection:
        _put(prove_entry(connection, entry_id), out)


@consent.command()
def extension(old_size: int, out: Out = None) -> None:
    """The proof that the log still begins with what an older checkpoint signed.

    Example: habitue consent extension 42428 --out extension.json
    """
    from governance.merkle.proof import prove_extension

    with _ledger() as (engine, _), engine.connect() as connection:
        _put(prove_extension(connection, old_size), out)


@consent.command()
def checkpoint(out: Out = None) -> None:
    """The newest signed head and the public key: keep them where nobody of this house can write.

    Example: habitue consent checkpoint --out checkpoint-2026-07-01.json
    """
    from governance.merkle.keeper import keeper_of
    from governance.merkle.log import writing
    from governance.merkle.proof import newest_signed

    with _ledger() as (engine, now):
        with writing(engine, now=now):  # signs a first checkpoint where there is none yet
            pass
        keeper = keeper_of(engine)
        with engine.connect() as connection:
            head = newest_signed(connection)
    pem = keeper.public.pem if keeper else ""
    _put({"checkpoint": vars(head), "public_key": pem}, out)


@consent.command()
def show(entry_id: str) -> None:
    """One entry: what was said, through which door, when, and when it became known.

    Example: habitue consent show e_5d51f4caf8b61c4e0e03bc2c50ef1a60
    """
    from contract.errors import ConfigError
    from governance.ledger import entry_of

    with _ledger() as (engine, _), engine.connect() as connection:
        entry = entry_of(connection, entry_id)
    if entry is None:
        raise ConfigError(f"No entry '{entry_id}' in the ledger; it may have been erased.")
    for name, value in vars(entry).items():
        typer.echo(f"{name:<14} {'–' if value is None else value}")


@consent.command()
def history(person: str) -> None:
    """Everything that a person said about being contacted, oldest first.

    Example: habitue consent history c_0f3a5b7d9e1c2f4a
    """
    from contract.gate import RecordKey
    from governance import address_table
    from governance.ledger import said_by
    from identity.who import RESOLVED, find
    from orchestration.cli import session

    with session.reading() as house, house.warehouse.connect() as con, house.state() as engine:
        address_table.prepare(con)
        rows = con.execute(
            f"select source_system, customer_key, address_hash from {RESOLVED}"
            f" left join {address_table.TABLE} using (source_system, customer_key)"
            " where customer_id = ?",
            [find(con, person).customer_id],
        ).fetchall()
        records = {RecordKey(system, key) for system, key, _ in rows}
        with engine.connect() as connection:
            said = said_by(connection, records, {one for *_, one in rows if one})
    for entry in said:
        typer.echo(
            f"{entry.occurred_at:%Y-%m-%d %H:%M}  {entry.act:<24} {entry.channel:<6}"
            f" {entry.purpose:<14} {entry.door or entry.source:<20} {entry.entry_id}"
        )
    typer.echo(f"{len(said)} entries, {len(records)} records")


@consent.command()
def begin_again(
    by: Annotated[str, typer.Option("--by", help="Who decides: a name.")],
    because: Annotated[str, typer.Option("--because", help="Why, for whoever asks in a year.")],
) -> None:
    """When the ledger was changed and no backup is well: sign what stands there now, keep the old.

    Example: habitue consent begin-again --by Anne --because "Disk repaired, backups lost too"
    """
    from governance.merkle import beginning

    with _ledger() as (engine, now):
        ended = beginning.begin_again(engine, by=by, because=because, now=now)
    typer.echo(f"A new log is signed. The one that ended is kept in {ended}")


@contextmanager
def _ledger() -> "Iterator[tuple[Engine, datetime]]":
    """The state database with its log, and the clock of the house; needs no warehouse."""
    from orchestration.cli.session import open_home
    from orchestration.house import business_now, open_state

    settings = open_home()
    with open_state(settings) as engine:
        yield engine, business_now(settings)


@consent.command()
def oppose(
    file: Annotated[Path, typer.Argument(help="A text file, one address or number a line.")],
    channel: Annotated[str, typer.Option(help="post, email, sms, phone, ads or all.")],
    name: Annotated[str, typer.Option("--list", help="Whose list it is.")],
) -> None:
    """Take in a list of people who object; their addresses are kept as keyed hashes only.

    Exit code 1 when a line could not be read. Example: habitue consent oppose no-calls.txt
    --channel phone --list trade-association
    """
    from contract.errors import ConfigError, did_you_mean
    from contract.gate import CHANNELS
    from governance.opposition import take_list
    from orchestration.cli.session import open_home
    from orchestration.settings import read_pseudonym_key

    if channel not in (*CHANNELS, "all"):
        raise ConfigError(f"--channel {channel}.{did_you_mean(channel, (*CHANNELS, 'all'))}")
    key = read_pseudonym_key(open_home())
    lines = [one for one in file.read_text(encoding="utf-8-sig").splitlines() if one.strip()]
    with _ledger() as (engine, now):
        found = take_list(engine, lines, name=name, channel=channel, now=now, hash_key=key)
    typer.echo(f"{found.read_count:,} lines, {found.new_count:,} new objections.")
    if found.unreadable_lines:
        listed = ", ".join(map(str, found.unreadable_lines[:SHOWN]))
        typer.echo(f"{len(found.unreadable_lines)} unreadable, lines {listed}", err=True)
        raise typer.Exit(1)


def _put(content: dict[str, Any], out: Path | None) -> None:
    import json

    text = json.dumps(content, indent=2)
    if out is None:
        typer.echo(text)
        return
    out.write_text(f"{text}\n", encoding="utf-8")
    typer.echo(f"wrote {out}")
