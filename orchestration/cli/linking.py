"""`habitue identity link` and `habitue identity review`: the linker on files, and its work list."""

from pathlib import Path
from typing import Annotated

import typer

SEED = 20_240  # one result whenever it runs
MATCHES = Path("matches.csv")


def link(
    files: Annotated[list[Path], typer.Argument(help="One or two CSV or Parquet files.")],
    columns: Annotated[Path, typer.Option("--map", help="Which column means what (YAML).")],
    out: Annotated[Path, typer.Option(help="Where the pairs are written (CSV).")] = MATCHES,
    accept: Annotated[
        float, typer.Option(min=0.6, max=0.9999, help="Accepted from this probability on.")
    ] = 0.9,
    model: Annotated[
        Path | None, typer.Option(help="Keep what was learnt here, and reuse it when it exists.")
    ] = None,
) -> None:
    """Find the records of one person in any files, with the linker of the warehouse.

    Nothing is asked of Habitué's home: try it on an extract before adopting anything. How to write
    the map: docs/how-to/try-the-linker.md.

    Example: habitue identity link crm.csv shop.parquet --map columns.yml --out matches.csv
    """
    import duckdb

    from contract.errors import ConfigError
    from identity.linking.files import FileLinking, link_files, read_map, write_matches
    from identity.linking.score import workspace
    from identity.linking.verdict import Thresholds

    if len(files) > 2:  # noqa: PLR2004 - a pair
        raise ConfigError(f"{len(files)} files given: one is searched for doubles, two are linked.")
    asked = FileLinking(files, read_map(columns), Thresholds(accept), SEED, model)
    with duckdb.connect() as con, workspace(con):
        found = link_files(con, asked, lambda step: typer.echo(f"… {step}", err=True))
        if found is None:
            typer.echo(
                "Too few records agree to learn from (at least 100, with doubles among them)."
            )
            raise typer.Exit(1)
        write_matches(con, out)
    typer.echo(found.as_text())
    typer.echo(f"\n{out}: the accepted pairs and those to look at, with what speaks for each")


def review(
    out: Annotated[Path | None, typer.Option(help="Write the list here (XLSX).")] = None,
    answers: Annotated[Path | None, typer.Option(help="Read a list that was filled in.")] = None,
    by: Annotated[str, typer.Option(help="Who answered: a name.")] = "",
    lang: Annotated[str, typer.Option(help="en or fr")] = "en",
) -> None:
    """The pairs that somebody should look at: write the list, or take its answers.

    An answer is a decision like those of `merge` and `unmerge`: it holds from the next run on.

    Example: habitue identity review --out review.xlsx, then
    habitue identity review --answers review.xlsx --by Anne
    """
    from contract.errors import ConfigError
    from contract.texts import LANGUAGES

    if (out is None) == (answers is None):
        raise ConfigError("Give --out FILE.xlsx to write the list, or --answers FILE.xlsx to read.")
    if lang not in LANGUAGES:
        raise ConfigError(f"--lang {lang}: choose one of {', '.join(LANGUAGES)}.")
    if answers is not None:
        _take(answers, by, lang)
    elif out is not None:
        _hand_out(out, lang)


def _hand_out(out: Path, lang: str) -> None:
    from identity import overrides
    from identity.linking.review import pairs_to_review, write_review
    from orchestration.cli import session
    from orchestration.settings import load_settings, override_files

    files = override_files(load_settings())
    decided = {one.pair for one in overrides.standing(overrides.read(files))}
    with session.reading() as house, house.warehouse.connect() as con:
        pairs = pairs_to_review(con, decided)
    write_review(out, pairs, lang)
    typer.echo(f"{len(pairs):,} pairs to look at: {out}")


def _take(answers: Path, by: str, lang: str) -> None:
    from contract.errors import ConfigError
    from identity import overrides
    from identity.linking.review import TEXTS, read_answers
    from orchestration.cli import session
    from orchestration.settings import load_settings, override_files

    if not by.strip():
        raise ConfigError("--by: who answered? A decision is signed.")
    with session.reading() as house, house.warehouse.connect() as con:
        known = {
            frozenset(pair)
            for pair in con.execute(
                "select record_id, other_record_id from intermediate.identity_links"
            ).fetchall()
        }
        day = house.as_of
    files = override_files(load_settings())
    standing = {one.pair: one.decision for one in overrides.standing(overrides.read(files))}
    found = read_answers(answers, known)
    new = [
        one
        for one in found
        if standing.get(frozenset((one.record_id, one.other_record_id))) != one.decision
    ]
    for one in new:
        reason = one.reason or TEXTS("answered", lang)
        overrides.append(
            files[-1],
            overrides.Decision(
                one.decision, one.record_id, one.other_record_id, by.strip(), day, reason
            ),
        )
    typer.echo(f"{len(new):,} decisions written to {files[-1]} ({len(found):,} answers read).")
    typer.echo("They hold from the next `habitue run` on.")
