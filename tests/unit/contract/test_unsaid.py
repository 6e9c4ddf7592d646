"""No error says whose row it failed on."""

import traceback

import duckdb
import pytest
import sqlalchemy as sa

from contract.errors import ConfigError
from contract.unsaid import speakable, without_values

CANARY = ["ella.canary@example.org", "Ella Canary", "06 55 51 23 45", "CARD-700123456"]
PERSON = ";".join(CANARY)


def said_of(error: BaseException) -> str:
    shown = speakable(error)
    return "".join(traceback.format_exception(shown)) + str(shown)


def failing(statement: str, values: list[str]) -> duckdb.Error:
    with duckdb.connect() as con:
        con.execute("create table people (email varchar primary key)")
        con.execute("insert into people values (?)", [PERSON])
        with pytest.raises(duckdb.Error) as failed:
            con.execute(statement, values)
    return failed.value


@pytest.mark.parametrize("statement", [
    "select cast(? as integer)", "select cast(? as date)", "select cast(? as json)",
    "insert into people values (?)", "select strptime(?, '%Y')",
])  # fmt: skip
def test_a_database_does_not_repeat_the_value_it_failed_on(statement: str) -> None:
    error = failing(statement, [PERSON])
    assert any(one in str(error) for one in CANARY)
    said = said_of(error)
    assert not [one for one in CANARY if one in said], said
    assert "Error" in said


def test_nor_does_it_show_the_statement_with_the_value_in_it() -> None:
    error = failing(f"select cast('{PERSON}' as date), no_such from people", [])
    assert not [one for one in CANARY if one in said_of(error)]


def test_an_error_that_writes_its_text_itself_is_replaced_with_its_traceback() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as con, pytest.raises(sa.exc.SQLAlchemyError) as failed:
        con.execute(sa.text("select * from nowhere where email = :email"), {"email": PERSON})
    said = said_of(failed.value)
    assert not [one for one in CANARY if one in said]
    assert "no such table: nowhere" in said
    assert "test_unsaid.py" in said


def test_causes_are_silenced_and_our_own_words_stay() -> None:
    def fail() -> None:
        try:
            {}[CANARY[0]]
        except KeyError as error:
            raise ConfigError("segments/lapsed.yml: no column 'lifetime'.") from error

    with pytest.raises(ConfigError) as failed:
        fail()
    said = said_of(failed.value)
    assert CANARY[0] not in said
    assert "no column 'lifetime'" in said


def test_what_tells_an_engineer_where_to_look_stays() -> None:
    text = 'Binder Error: Referenced column "no_such" not found in FROM clause!\nLINE 1: select'
    assert without_values(text) == text.splitlines()[0]
    failed = "Conversion Error: Could not convert string 'Ella' to INT32 when casting from email"
    assert without_values(failed) == failed.replace("'Ella'", "…")
