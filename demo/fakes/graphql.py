"""The part of GraphQL that a reader of an API needs: one query, fields, arguments, variables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|\$?[A-Za-z_]\w*|-?\d+|[{}()\[\]:!=]')
_NOTHING = re.compile(r"(?:[\s,\ufeff]|#[^\n]*)*")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


class SyntaxProblem(ValueError):  # noqa: N818 - the caller's problem, not an error of ours
    """The text is not a query that can be read."""


@dataclass(frozen=True)
class Field:
    """One selected field: shown under its alias, else under its name."""

    name: str
    alias: str
    arguments: Mapping[str, Any]
    selections: tuple[Field, ...]


def parse(text: str, variables: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of the one query in the text, variables filled in. Raises SyntaxProblem."""
    reader = _Reader(_tokens(text), dict(variables))
    fields = reader.document()
    if reader.tokens:
        raise SyntaxProblem(f"unexpected {reader.tokens[0]!r} after the query")
    return fields


def _tokens(text: str) -> list[str]:
    tokens, place = [], 0
    while (place := _skipped(text, place)) < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise SyntaxProblem(f"unexpected character at {place}")
        tokens.append(found.group())
        place = found.end()
    return tokens


def _skipped(text: str, place: int) -> int:
    found = _NOTHING.match(text, place)
    return found.end() if found else place


class _Reader:
    def __init__(self, tokens: list[str], variables: dict[str, Any]) -> None:
        self.tokens, self._variables = tokens, variables

    def document(self) -> tuple[Field, ...]:
        if self._next_is("query"):
            self._take()
            if not self._next_is("(") and not self._next_is("{"):
                self._take()
            if self._next_is("("):
                self._definitions()
        return self._selections()

    def _definitions(self) -> None:
        """Variables that the query declares: one not given takes its default, else null."""
        self._take("(")
        while not self._next_is(")"):
            name = self._take().removeprefix("$")
            self._take(":")
            while self.tokens and not self.tokens[0].startswith(("$", ")", "=")):
                self._take()
            default = None
            if self._next_is("="):
                self._take()
                default = self._value()
            self._variables.setdefault(name, default)
        self._take(")")

    def _selections(self) -> tuple[Field, ...]:
        self._take("{")
        fields = []
        while not self._next_is("}"):
            fields.append(self._field())
        self._take("}")
        if not fields:
            raise SyntaxProblem("a selection without fields")
        return tuple(fields)

    def _field(self) -> Field:
        alias = name = self._take()
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise SyntaxProblem(f"{name!r} is not a field")
        if self._next_is(":"):
            self._take()
            name = self._take()
        arguments = self._arguments() if self._next_is("(") else {}
        selections = self._selections() if self._next_is("{") else ()
        return Field(name, alias, arguments, selections)

    def _arguments(self) -> dict[str, Any]:
        self._take("(")
        arguments = {}
        while not self._next_is(")"):
            name = self._take()
            self._take(":")
            arguments[name] = self._value()
        self._take(")")
        return arguments

    def _value(self) -> Any:
        token = self._take()
        if token.startswith("$"):
            if token[1:] not in self._variables:
                raise SyntaxProblem(f"variable {token} is used but not declared")
            return self._variables[token[1:]]
        if token.startswith('"'):
            return json.loads(token)
        if re.fullmatch(r"-?\d+", token):
            return int(token)
        if not re.fullmatch(r"\w+", token):
            raise SyntaxProblem(f"{token!r} is not a value")
        return _WORDS.get(token, token)

    def _next_is(self, token: str) -> bool:
        return bool(self.tokens) and self.tokens[0] == token

    def _take(self, wanted: str | None = None) -> str:
        if not self.tokens:
            raise SyntaxProblem("unexpected end of the query")
        token = self.tokens.pop(0)
        if wanted is not None and token != wanted:
            raise SyntaxProblem(f"expected {wanted!r}, found {token!r}")
        return token
