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
