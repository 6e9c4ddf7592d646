"""SQL that reaches into JSON: values by dotted path, and one row per element of an array."""

from collections.abc import Mapping, Sequence

from contract.sql import literal, quote
from ingestion.feed import ITEM, ITEM_POSITION, Feed


def pointer(path: str) -> str:
    """The JSON pointer of a dotted path."""
    parts = (part.replace("~", "~0").replace("/", "~1") for part in path.split("."))
    return "".join(f"/{part}" for part in parts)


def prefixes(name: str) -> list[str]:
    """The name and what it begins with, up to each dot, the longest first."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def is_of_item(feed: Feed, name: str) -> bool:
    """Whether a source column is one of the element that `explode` makes a row of."""
    is_item = name in {ITEM, ITEM_POSITION} or name.startswith(f"{ITEM}.")
    return feed.explode is not None and is_item


def json_row_sql(lines: str, paths: Sequence[str], whole_keys: frozenset[str]) -> str:
    """Select over lines of JSON text: one text column per path, _problem, _raw_text.

    One parse serves all paths. whole_keys: keys with a dot of their own, which win over a path.
    """
    wanted = [pointer(path) for path in paths] or [""]
    spare = {path: len(wanted) + n for n, path in enumerate(sorted(whole_keys & set(paths)))}
    wanted += ["/" + path.replace("~", "~0").replace("/", "~1") for path in spare]
    listed = ", ".join(literal(path) for path in wanted)
    columns = [
        f"coalesce(found[{spare[path] + 1}], found[{n}]) as {quote(path)}"
        if path in spare
        else f"found[{n}] as {quote(path)}"
        for n, path in enumerate(paths, start=1)
    ]
    return f"""
        select {"".join(f"{column}, " for column in columns)} _file_line,
            coalesce(_problem, case when found is null then 'the line is not a JSON object' end)
                as _problem,
            rtrim(line, chr(10) || chr(13)) as _raw_text
        from (
            select *, case when _problem is null and starts_with(ltrim(line, chr(9) || ' '), '{{')
                then try(json_extract_string(line, [{listed}])) end as found
            from {lines}
        )
    """


def with_paths_sql(relation: str, paths: Sequence[str], types: Mapping[str, str]) -> str:
    """Select of a relation and one text column per path into its JSON columns.

    A row whose column is no JSON gets a problem; a path into a column that is not there is null.
    """
    roots = {path: next((p for p in prefixes(path) if p in types), None) for path in paths}
    if not roots:
        return f"from {relation}"
    columns, checks = [], {}
    for path, root in roots.items():
        if root is None:
            columns.append(f"cast(null as varchar) as {quote(path)}")
            continue
        text = f"cast({quote(root)} as varchar)"
        value = f"json_extract_string({text}, {literal(pointer(path[len(root) + 1 :]))})"
        columns.append(f"case when json_valid({text}) then {value} end as {quote(path)}")
        problem = literal(f"column {root!r} is not JSON")
        is_broken = f"nullif(trim({text}), '') is not null and not json_valid({text})"
        checks[root] = f"when {is_broken} then {problem}"
    broken = f"case {' '.join(checks.values())} end" if checks else "null"
    return (
        f"select * replace (coalesce(_problem, {broken}) as _problem), {', '.join(columns)} "
        f"from {relation}"
    )


def exploded_sql(relation_sql: str, array: str, items: Sequence[str], hidden: Sequence[str]) -> str:
    """One row per element of a JSON array column: the parent's columns, `item…`, _item_position.

    A parent without the array has no rows; one whose value is no array is a row with a problem.
    hidden: the parent's columns that are named as those of the element.
    """
    column = quote(array)
    columns = [
        "_place as item_position"
        if name == ITEM_POSITION
        else f"json_extract_string(_element, {literal(_inside(name))}) as {quote(name)}"
        for name in items
    ]
    inner = ", ".join(["_elements", "_place", "_element", *map(quote, hidden)])
    listed = f"try(json_extract({column}, '$[*]'))"
    is_array = f"starts_with(ltrim({column}), '[') and {listed} is not null"
    return f"""
        select * exclude ({inner}),
            _place as _item_position{"".join(f", {item}" for item in columns)}
        from (
            select *, _elements[_place] as _element
            from (
                select *, unnest(case when _problem is null then range(1, len(_elements) + 1)
                    else [0] end) as _place
                from (
                    select * replace (
                        case when _problem is not null then _problem
                            when nullif(trim({column}), '') is not null and not ({is_array})
                            then {literal(f"{array!r} is not a list")} end as _problem),
                        case when {is_array} then {listed} else [] end as _elements
                    from ({relation_sql})
                )
            )
        )
    """


def _inside(item: str) -> str:
    return "" if item == ITEM else pointer(item.removeprefix(f"{ITEM}."))
