"""What the linker compares: names, dates and addresses in one writing, however they were typed.

Input is a relation with the columns of `COLUMNS` (texts, as a system stated them; any may be
null). Output is the table `linking.rows`, one row per record: the normalised values, and how
frequent the names and the postal code are.

The score of a pair is a function of its two rows and the model alone, so a pair needs scoring
again only when one of its rows changed. That is why frequencies are kept in steps (powers of the
root of two): one more Martin must not change the row of every Martin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.linking.blocking import fill_members, key_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS = (
    "first_name",
    "last_name",
    "birth_date",
    "email",
    "phone",
    "address_line",
    "postal_code",
    "city",
    "identifier",
)
# A value's share among the records counts as evidence: a Quéméner is rarer than a Martin.
FREQUENT = ("first_name", "last_name", "postal_code")
# A first name that so many records carry, at least so great a share of them, is no typing error.
USUAL_COUNT, USUAL_SHARE = 5, 0.0001
RARE_COUNT = 64
# A share in steps: of half powers of two for rare values, whole ones for others.
_STEPS = f"if(n < {RARE_COUNT}, 2, 1)"
_SHARE = f"pow(2, round({_STEPS} * log2(n)) / {_STEPS} - round(log2(total) * 2) / 2)"
VALUES = (
    "first_name", "first_part", "last_name", "birth", "email", "phone", "address", "postal_code",
    "city", "identifier", "mailbox", "email_year", "birth_year", "house_number", "street",
)  # fmt: skip
OLDEST_BIRTH = "19010101"  # 1900-01-01 is what forms send when nobody typed a date
_TITLES = (
    "m|mr|mme|mlle|mm|monsieur|madame|mademoiselle|messieurs|mesdames|dr|docteur|me|maitre"
    "|mrs|ms|miss|et|and"
)
_STREET_WORDS = {
    r"\bav\b|\bave\b": "avenue",
    r"\bbd\b|\bbld\b|\bboul\b|\bblvd\b": "boulevard",
    r"\br\b": "rue",
    r"\bpl\b": "place",
    r"\bch\b|\bchem\b": "chemin",
    r"\ball\b": "allee",
    r"\bimp\b": "impasse",
    r"\brte\b": "route",
    r"\bsq\b": "square",
    r"\bst\b": "saint",
    r"\bste\b": "sainte",
}
# UTF-8 that a program took for Latin-1: what stands in the field, what was typed.
_GARBLED = {
    letter.encode("utf-8").decode("latin-1"): letter for letter in "éèêëàâäçîïôöûüùÉÈÊÀÇœŒñáíóú"
}
_LIGATURES = {"œ": "oe", "æ": "ae", "ß": "ss"}


def prepare(con: DuckDBPyConnection, relation: str) -> None:
    """Rewrites linking.rows and linking.members (`blocking.py`) from a relation.

    It has record_id and the columns of `COLUMNS`.
    """
    type_rows(con, relation)
    count_values(con, "linking.typed")
    fill_rows(con, "linking.typed")
    con.execute("drop table linking.typed")
    key_rows(con, "linking.rows", "row_number")
    fill_members(con)
    con.execute("drop table linking.keyed")


def type_rows(con: DuckDBPyConnection, relation: str) -> None:
    """Rewrites linking.typed: record_id and the columns of `VALUES`, of each row of a relation."""
    for column, cleaned in _repeated().items():
        # Few names for many records: each is cleaned once.
        con.execute(
            f"create or replace table linking.clean_{column} as select {column}, {cleaned} "
            f"from (select distinct {column} from {relation} where {column} is not null)"
        )
    con.execute(f"create or replace table linking.typed as {typed_sql(relation)}")
    for column in _repeated():
        con.execute(f"drop table linking.clean_{column}")


def count_values(con: DuckDBPyConnection, relation: str, table: str = "share") -> None:
    """Rewrites linking.<table>_<column> for each of `FREQUENT`: share and is_usual by value."""
    for column in FREQUENT:
        con.execute(
            f"""
            create or replace table linking.{table}_{column} as
            with counts as (
                select {column}, count(*) as n, sum(count(*)) over () as total
                from {relation} where {column} is not null group by {column}
            )
            select
                {column}, {_SHARE} as share,
                n >= greatest({USUAL_COUNT}, {USUAL_SHARE} * total) as is_usual
            from counts
            """
        )


def fill_rows(con: DuckDBPyConnection, relation: str) -> None:
    """Rewrites linking.rows: the typed rows of a relation, numbered, with the shares of values."""
    shares = ", ".join(f"share_{one}.share as tf_{one}" for one in FREQUENT)
    joins = " ".join(
        f"left join linking.share_{one} as share_{one} on typed.{one} = share_{one}.{one}"
        for one in FREQUENT
    )
    # Numbered on their own: sorting the whole rows costs four times as much.
    con.execute(
        "create or replace table linking.numbered as select record_id, "
        f"row_number() over (order by record_id) as row_number from {relation}"
    )
    con.execute(
        f"""
        create or replace table linking.rows as
        select
            numbered.row_number, typed.*, {shares},
            coalesce(share_first_name.is_usual, false) as is_usual_first_name
        from {relation} as typed
        inner join linking.numbered on typed.record_id = numbered.record_id
        {joins}
        """
    )
    con.execute("drop table linking.numbered")


def _repeated() -> dict[str, str]:
    """SQL that cleans the columns in which few values repeat, and what comes out of it."""
    first_part = _name(_before_hyphen("first_name"))
    return {
        "first_name": f"{_name('first_name')} as clean_first, {first_part} as first_part",
        "last_name": f"{_name('last_name')} as clean_last",
        "city": f"{_letters('city')} as clean_city",
        "postal_code": f"{_code('postal_code')} as clean_postal_code",
    }


def typed_sql(relation: str) -> str:
    """SQL for the typed rows of a relation, once its repeated values are cleaned."""
    local = "split_part(lower(trim(email)), '@', 1)"
    joins = " ".join(f"left join linking.clean_{one} using ({one})" for one in _repeated())
    return f"""
        with cleaned as (
            select
                record_id,
                clean_first as first_name,
                first_part,
                clean_last as last_name,
                {_birth("birth_date")} as birth,
                case when email like '%_@_%' then lower(trim(email)) end as email,
                case when email like '%_@_%' then {local} end as local_part,
                {_phone("phone")} as phone,
                {_street("address_line")} as address,
                clean_postal_code as postal_code,
                clean_city as city,
                {_code("identifier")} as identifier
            from {relation} {joins}
        )
        select
            * exclude (local_part),
            nullif(replace(split_part(local_part, '+', 1), '.', ''), '') as mailbox,
            nullif(right(regexp_extract(local_part, '(^|[^0-9])((19|20)?[0-9][0-9])$', 2), 2), '')
                as email_year,
            substr(birth, 3, 2) as birth_year,
            nullif(regexp_extract(address, '^[0-9]+'), '') as house_number,
            nullif(substr(regexp_replace(address, '^[0-9]+(bis|ter)?', ''), 1, 8), '') as street
        from cleaned
    """


def _code(column: str) -> str:
    """SQL for the letters and digits of a code."""
    return f"nullif(regexp_replace(upper({column}), '[^A-Z0-9]', '', 'g'), '')"


def _letters(column: str) -> str:
    """SQL for the letters of a text alone, small and without accents; null when there are none."""
    text = column
    for wrong, right in _GARBLED.items():
        text = f"replace({text}, '{wrong}', '{right}')"
    text = f"lower(case when contains({column}, 'Ã') then {text} else {column} end)"
    text = f"strip_accents({_replaced(text, _LIGATURES)})"
    return rf"nullif(regexp_replace({text}, '[^\pL]+', '', 'g'), '')"


def _name(column: str) -> str:
    """SQL for a name without titles ("M. et Mme"), hyphens and spaces: jeanbaptiste, deoliveira."""
    titles = rf"^\s*(({_TITLES})\b[.\s]*)+"
    return _letters(f"regexp_replace({column}, '{titles}', '', 'i')")


def _before_hyphen(column: str) -> str:
    return rf"regexp_extract({column}, '^(\s*(({_TITLES})\b[.\s]*)*[^\s-]+)', 1, 'i')"


def _birth(column: str) -> str:
    """SQL for a birth date as eight digits, so that a typo in it stays a typo."""
    digits = f"regexp_replace(cast({column} as varchar), '[^0-9]', '', 'g')"
    return f"case when length({digits}) = 8 and {digits} >= '{OLDEST_BIRTH}' then {digits} end"


def _phone(column: str) -> str:
    """SQL for the digits that remain the same however the prefix is written."""
    digits = f"regexp_replace({column}, '[^0-9]', '', 'g')"
    return f"case when length({digits}) >= 6 then right({digits}, 9) end"


def _street(column: str) -> str:
    """SQL for number and street in one word, abbreviations written out."""
    plain = f"strip_accents({_replaced(f'lower({column})', _LIGATURES)})"
    text = plain = f"regexp_replace({plain}, '[^a-z0-9]+', ' ', 'g')"
    for pattern, word in _STREET_WORDS.items():
        text = f"regexp_replace({text}, '{pattern}', '{word}', 'g')"
    has_short = f"regexp_matches({plain}, '{'|'.join(_STREET_WORDS)}')"
    return f"nullif(replace(case when {has_short} then {text} else {plain} end, ' ', ''), '')"


def _replaced(text: str, replacements: dict[str, str]) -> str:
    for old, new in replacements.items():
        text = f"replace({text}, '{old}', '{new}')"
    return text
