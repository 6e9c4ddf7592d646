"""SQL that judges the rows of a delivery against each other and against what is known already."""

from contract.entity import Entity
from contract.sql import literal, quote
from ingestion.reasons import CHANGED, CONFLICT, NEVER_LOADED, WORDS

# What tells one row of a delivery from the others.
ROW = "file_position, file_line, item_position"

# The content of a version that says that the source took the key out.
DELETED = "deleted"

# Rows that need a second look: their key is repeated in the delivery, or known already.
DOUBTFUL = f"""
create or replace temp table doubtful as
with doubtful_keys as (
    select source_key from delivered where failed_check is null
    group by source_key having count(*) > 1
    union
    select source_key from known
)
select {ROW}, source_key, content_hash, row_known_at
from delivered
semi join doubtful_keys using (source_key)
where failed_check is null
"""

# What an extraction saw with its own eyes comes after everything that the row ever said.
CERTAIN = """
update delivered set row_known_at = latest.known_at + interval 1 microsecond
from (select source_key, max(known_at) as known_at from known group by source_key) as latest
where is_certain and delivered.source_key = latest.source_key
    and latest.known_at >= delivered.row_known_at
"""

_LATEST = "(known.known_at, known.loaded_at, known.part_number)"


def judged_sql(entity: Entity) -> str:
    """`judged`: the rows that are not new, with verdict duplicate, conflict or changed.

    A versioned row repeats what was in force when the source knew it; a late one may differ from
    today's version and still be news about its own time. An immutable one repeats what was ever
    stated, unless the source had taken it out.
    """
    repeats = "versions.in_force = doubtful.content_hash"
    changed = ""
    if entity.changes == "immutable":
        is_there = f"versions.in_force is distinct from '{DELETED}'"
        repeats = f"{is_there} and versions.stated = doubtful.content_hash"
        changed = f"when {is_there} and versions.stated is not null then '{CHANGED}'"
    return f"""
        create or replace temp table judged as
        with repeated as (
            select source_key, count(distinct content_hash) as content_count,
                min(({ROW})) as kept
            from doubtful
            group by source_key
        ),
        versions as (
            select {ROW},
                max_by(known.content_hash, {_LATEST})
                    filter (where known.known_at <= row_known_at) as in_force,
                max_by(known.content_hash, {_LATEST})
                    filter (where known.content_hash <> '{DELETED}') as stated
            from doubtful
            inner join known on doubtful.source_key = known.source_key
            group by {ROW}
        ),
        outcomes as (
            select {ROW},
                case
                    when repeated.content_count > 1 then '{CONFLICT}'
                    when {repeats} then 'duplicate'
                    {changed}
                    when ({ROW}) <> repeated.kept then 'duplicate'
                end as verdict
            from doubtful
            inner join repeated using (source_key)
            left join versions using ({ROW})
        )
        select {ROW}, verdict from outcomes where verdict is not null
    """


def judged_deletes_sql() -> str:
    """`judged` for keys that the source took out: a duplicate when nothing was there to end."""
    return f"""
        create or replace temp table judged as
        with firsts as (
            select source_key, min(({ROW})) as kept
            from delivered where failed_check is null group by source_key
        ),
        versions as (
            select {ROW}, count(known.source_key) as version_count,
                max_by(known.content_hash, {_LATEST})
                    filter (where known.known_at <= row_known_at) as in_force
            from delivered
            left join known on delivered.source_key = known.source_key
            where failed_check is null
            group by {ROW}
        ),
        outcomes as (
            select {ROW},
                case
                    when version_count = 0 then '{NEVER_LOADED}'
                    when in_force is null or in_force = '{DELETED}' then 'duplicate'
                    when ({ROW}) <> firsts.kept then 'duplicate'
                end as verdict
            from delivered
            inner join firsts using (source_key)
            inner join versions using ({ROW})
        )
        select {ROW}, verdict from outcomes where verdict is not null
    """


def last_contents_sql(entity: Entity, system: str, part_paths: list[str]) -> str:
    """Gives the rows of `delivered` that end a version the content of that version."""
    columns = [name for name in entity.column_names if name not in entity.key]
    if not columns:
        return ""
    listed = ", ".join(quote(name) for name in columns)
    what = f"source_key, known_at, loaded_at, source_system, {listed}"
    stated = f'select {what}, 0 as part_number from raw_files."{entity.name}"'
    if part_paths:
        paths = ", ".join(literal(path) for path in part_paths)
        stated += (
            f" union all select {what}, row_number() over (order by filename, file_row_number)"
            f" from read_parquet([{paths}], filename = true, file_row_number = true)"
        )
    taken = ", ".join(f"{quote(name)} = ended.{quote(name)}" for name in columns)
    found = ", ".join(f"known.{quote(name)}" for name in columns)
    keys = "select source_key from delivered where failed_check is null"
    return f"""
        update delivered set {taken} from (
            select {ROW}, {found}
            from delivered
            inner join (
                select * from ({stated})
                where source_system = {literal(system)} and source_key in ({keys})
            ) as known
                on delivered.source_key = known.source_key and known.known_at <= row_known_at
            where failed_check is null
            qualify row_number() over (partition by {ROW} order by {_LATEST} desc) = 1
        ) as ended
        where {" and ".join(f"delivered.{name} = ended.{name}" for name in ROW.split(", "))}
    """


def quarantine_judged_sql(entity: Entity, system: str, loaded_at: str) -> str:
    """Adds the rows of `judged` that are no mere duplicates to `quarantined`."""
    row = ", ".join(f"{literal(name)}: {quote(name)}" for name in entity.column_names)
    reasons = " ".join(f"when '{code}' then {literal(text)}" for code, text in WORDS.items())
    keys = literal(", ".join(entity.key))
    return f"""
        insert into quarantined
        select {literal(entity.name)}, {literal(system)}, file_name, file_line, verdict,
            case verdict {reasons} end, {keys}, cast(to_json({{{row}}}) as varchar), load_id,
            timestamp '{loaded_at}'
        from judged
        inner join delivered using ({ROW})
        inner join delivered_files using (file_position)
        where verdict <> 'duplicate'
    """
