"""The make-believe vendors' GraphQL: what is read, what is refused, that nothing else happens."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.fakes.graphql import Field, SyntaxProblem, parse
from demo.fakes.shopify_schema import QueryProblem, closed, cost_of, opened

_NAMES = st.from_regex(r"[a-z][a-zA-Z0-9_]{0,8}", fullmatch=True).filter(lambda n: n != "query")
_VALUES = st.one_of(st.integers(-99, 99), st.booleans(), st.none(), st.text(max_size=8))
_FIELDS = st.recursive(
    st.builds(Field, _NAMES, _NAMES, st.dictionaries(_NAMES, _VALUES, max_size=2), st.just(())),
    lambda inner: st.builds(
        Field, _NAMES, _NAMES, st.dictionaries(_NAMES, _VALUES, max_size=2),
        st.lists(inner, min_size=1, max_size=3).map(tuple),
    ),
    max_leaves=8,
)  # fmt: skip


def written(field: Field) -> str:
    arguments = ", ".join(f"{name}: {json.dumps(v)}" for name, v in field.arguments.items())
    inside = " ".join(written(one) for one in field.selections)
    named = f"{field.alias}: {field.name}" if field.alias != field.name else field.name
    return f"{named}{f'({arguments})' if arguments else ''}{f' {{ {inside} }}' if inside else ''}"


@given(fields=st.lists(_FIELDS, min_size=1, max_size=3))
def test_what_is_written_is_read(fields: list[Field]) -> None:
    text = " ".join(written(field) for field in fields)
    assert parse(f"query Q {{ {text} }}", {}) == tuple(fields)
    assert parse(f"{{ # a remark\n {text} }}", {}) == tuple(fields)


@given(text=st.text(alphabet='{}():!$"\\, abq1\n[]=', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text, {})
    except SyntaxProblem:
        return


def test_variables_take_what_is_given_else_their_default() -> None:
    query = "query Q($n: Int!, $m: Int = 7, $s: [String!]) { a(n: $n, m: $m, s: $s) { b } }"
    assert parse(query, {"n": 3})[0].arguments == {"n": 3, "m": 7, "s": None}
    with pytest.raises(SyntaxProblem, match="not declared"):
        parse("{ a(n: $n) }", {})


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ customers(first: 10) { nodes { id } pageInfo { hasNextPage } } }", 12),
        ("{ orders(first: 2) { nodes { customer { id } lineItems(first: 3) { nodes { id } } } } }",
         2 + 2 * (1 + 1 + 2 + 3)),
        ("{ ordersCount { count } }", 1),
    ],
)  # fmt: skip
def test_a_query_costs_its_objects(query: str, cost: int) -> None:
    assert cost_of(parse(query, {})) == cost


@pytest.mark.parametrize(
    "query",
    [
        "{ customers { nodes { id } } }", "{ customers(first: 251) { nodes { id } } }",
        "{ customers(first: 1) { nodes { secret } } }", "{ customers(first: 1) { edges { id } } }",
        "{ customers(first: 1) { nodes { id { id } } } }", "{ shop { name } }",
        "{ customers(first: 1) { nodes { defaultAddress } } }",
    ],
)  # fmt: skip
def test_what_the_schema_lacks_is_refused(query: str) -> None:
    with pytest.raises(QueryProblem):
        cost_of(parse(query, {}))


@given(number=st.integers(0, 10**9))
def test_a_cursor_leads_back(number: int) -> None:
    assert opened(closed(number)) == number


@pytest.mark.parametrize("cursor", ["", "x", "bjo=", closed(3)[:-4]])
def test_another_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(QueryProblem, match="cursor"):
        opened(cursor)
