"""Links the persons of one or two files with the same linker, without a warehouse.

A map says which columns mean what (`columns.yml`):

    record_id: customer_no           # left out: file name and line
    first_name: prenom
    last_name: nom
    birth_date: date_naissance       # 1980-02-01, 01/02/1980 or 19800201
    address_line: [numero, voie]     # several columns are put together
    postal_code: cp
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.errors import ConfigError, did_you_mean
from contract.sql import literal, quote
from identity.linking.model import Model, read_model, train
from identity.linking.prepare import COLUMNS, prepare
from identity.linking.score import block_all, score, score_first
from identity.linking.verdict import Thresholds, judge

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMATS = (".csv", ".csv.gz", ".txt", ".parquet")
_DATE_FORMATS = ["%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"]
Map = dict[str, list[str]]
Say = Callable[[str], None]


@dataclass(frozen=True)
class FileLinking:
    """What is asked: the files, the map of their columns, the thresholds, a model to reuse."""

    files: Sequence[Path]
    columns: Map
    thresholds: Thresholds
    seed: int
    model_file: Path | None = None


@dataclass(frozen=True)
class FileReport:
    """What was found, and the likeliest pairs by their record ids."""

    record_count: int
    pair_count: int
    by_status: dict[str, int]
    person_count: int
    largest_cluster: int
    examples: list[tuple[str, str, float, str]]

    def as_text(self) -> str:
        """The report for a screen: counts, then a few pairs of each kind."""
        lines = [
            f"{self.record_count:>10,} records",
            f"{self.pair_count:>10,} pairs that share something were compared",
            f"{self.by_status.get('accepted', 0):>10,} pairs are one person (accepted)",
            f"{self.by_status.get('review', 0):>10,} pairs somebody should look at (review)",
            f"{self.person_count:>10,} persons; the largest has {self.largest_cluster} records",
        ]
        if self.examples:
            lines += ["", "probability  status    pair"]
            lines += [
                f"{probability:>11.4f}  {status:<8}  {one}  {other}"
                for one, other, probability, status in self.examples
            ]
        return "\n".join(lines)


def read_map(path: Path) -> Map:
    """The map of a columns.yml. Raises ConfigError for a word that is not known."""
    import yaml

    if not path.exists():
        raise ConfigError(f"{path}: no such file. It says which column means what.")
    # Every value is a text: YAML would read a column called "no" as false.
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    if not isinstance(raw, dict) or not raw:
        raise ConfigError(f"{path}: expected lines like 'last_name: nom'.")
    known = ("record_id", *COLUMNS)
    for word in raw:
        if word not in known:
            raise ConfigError(f"{path}: no '{word}' is compared.{did_you_mean(str(word), known)}")
    if not {"first_name", "last_name"} & set(raw):
        raise ConfigError(f"{path}: map at least last_name or first_name.")
    return {word: [str(one) for one in _list(columns)] for word, columns in raw.items()}


def link_files(con: DuckDBPyConnection, asked: FileLinking, say: Say) -> FileReport | None:
    """Fills linking.links and linking.clusters from the files; None when too few agree to learn.

    con: `linking` is attached and in use (`score.workspace`). say: told of each step.
    Raises ConfigError for a file or column that is not there.
    """
    _read(con, asked)
    say("read")
    prepare(con, "linking.persons")
    model = read_model(asked.model_file) if asked.model_file else None
    is_new = model is None
    if model is None:
        say("training")
        model = train(con, asked.seed)
    if model is None:
        return None
    pairs = block_all(con)
    say(f"comparing {pairs:,} pairs")
    model = _scored(con, model, is_new=is_new)
    if is_new and asked.model_file:
        model.save(asked.model_file)
    judge(con, model, asked.thresholds)
    cluster_links(con)
    return _report(con, pairs)


def _scored(con: DuckDBPyConnection, model: Model, *, is_new: bool) -> Model:
    if is_new:
        return score_first(con, model)
    score(con, model)
    return model


def cluster_links(con: DuckDBPyConnection) -> None:
    """Rewrites linking.clusters (record_id, cluster_id): persons by the accepted links alone."""
    from identity.components import contract

    con.execute("create or replace temp table touched as select record_id from linking.rows")
    con.execute(
        "create or replace temp table joining as select record_id, other_record_id "
        "from linking.links where status = 'accepted'"
    )
    contract(con)
    con.execute(
        "create or replace table linking.clusters as "
        "select record_id, root as cluster_id from label order by record_id"
    )
    for table in ("touched", "joining", "label"):
        con.execute(f"drop table {table}")


def write_matches(con: DuckDBPyConnection, out: Path) -> None:
    """One line per pair accepted or for review, likeliest first; only the owner may read it."""
    partial = out.with_name(out.name + ".partial")
    partial.touch(mode=0o600)
    con.execute(
        f"""
        copy (
            select
                links.record_id, other_record_id, match_probability, match_weight, status,
                clusters.cluster_id, evidence
            from linking.links as links
            inner join linking.clusters as clusters on links.record_id = clusters.record_id
            where status <> 'below'
            order by match_weight desc, links.record_id, other_record_id
        ) to {literal(str(partial))} (format csv, header)
        """
    )
    partial.chmod(0o600)
    partial.replace(out)


def _read(con: DuckDBPyConnection, asked: FileLinking) -> None:
    parts = [_one_file(con, path, asked, number) for number, path in enumerate(asked.files)]
    con.execute(f"create or replace table linking.persons as {' union all '.join(parts)}")
    (row,) = con.execute(
        "select record_id, count(*) from linking.persons group by record_id "
        "order by count(*) desc, record_id limit 1"
    ).fetchall() or [("", 0)]
    if row[1] > 1:
        raise ConfigError(
            f"record_id: '{row[0]}' stands on {row[1]} lines. Map a column that differs on each, "
            "or none: then file and line are the id."
        )


def _one_file(con: DuckDBPyConnection, path: Path, asked: FileLinking, number: int) -> str:
    if not path.exists():
        raise ConfigError(f"{path}: no such file.")
    if not path.name.endswith(FORMATS):
        raise ConfigError(f"{path}: expected one of {', '.join(FORMATS)}.")
    table = f"linking.file_{number}"
    _load(con, path, table)
    there = {
        name.strip(): name
        for (name,) in con.execute(f"select column_name from (describe {table})").fetchall()
    }
    prefix = "" if len(asked.files) == 1 else f"{path.name.split('.')[0]}|"
    ids = asked.columns.get("record_id")
    record_id = _value(ids, there, path) if ids else f"'{path.name}:' || (rowid + 2)"
    values = [f"{literal(prefix)} || {record_id} as record_id"]
    for column in COLUMNS:
        theirs = asked.columns.get(column)
        value = _value(theirs, there, path) if theirs else "null::varchar"
        if column == "birth_date" and theirs:
            value = f"coalesce(strftime(try_strptime({value}, {_DATE_FORMATS}), '%Y%m%d'), {value})"
        values.append(f"{value} as {column}")
    return f"select {', '.join(values)} from {table}"


def _load(con: DuckDBPyConnection, path: Path, table: str) -> None:
    import duckdb

    source = literal(str(path))
    if path.name.endswith(".parquet"):
        con.execute(f"create or replace table {table} as from read_parquet({source})")
        return
    read = f"create or replace table {table} as from read_csv({source}, all_varchar = true"
    try:
        con.execute(f"{read})")
    except duckdb.InvalidInputException:
        con.execute(f"{read}, encoding = 'latin-1')")


def _value(theirs: list[str], there: dict[str, str], path: Path) -> str:
    for name in theirs:
        if name not in there:
            raise ConfigError(f"{path}: no column '{name}'.{did_you_mean(name, there)}")
    texts = [f"nullif(trim({quote(there[name])}::varchar), '')" for name in theirs]
    return texts[0] if len(texts) == 1 else f"nullif(concat_ws(' ', {', '.join(texts)}), '')"


def _report(con: DuckDBPyConnection, pairs: int) -> FileReport:
    def rows(sql: str) -> list[Any]:
        return con.execute(sql).fetchall()

    ((records, persons, largest),) = rows(
        "select coalesce(sum(n), 0)::bigint, count(*), coalesce(max(n), 0) "
        "from (select count(*) as n from linking.clusters group by cluster_id)"
    )
    examples = [
        row
        for status, order in (("accepted", "match_weight"), ("review", "match_weight desc"))
        for row in rows(
            "select record_id, other_record_id, match_probability, status from linking.links "
            f"where status = '{status}' order by {order}, record_id, other_record_id limit 5"
        )
    ]
    by_status = dict(rows("select status, count(*) from linking.links group by status"))
    return FileReport(records, pairs, by_status, persons, largest, examples)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
