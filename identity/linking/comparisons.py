"""What agreement is worth looking for between two records, most telling level first.

Each comparison is a list of levels in SQL over `<column>_l` and `<column>_r` of linking.rows.
A level may say which column holds the share of its value, so that rare values weigh more.
"""

from __future__ import annotations

from typing import Any

SWAPPED = "first_name_l = last_name_r and last_name_l = first_name_r"
DIFFERENT = "different"
NAME_SIMILARITY = 0.88  # Jaro-Winkler: one slip in a name of five letters, two in one of ten


def comparisons() -> list[dict[str, Any]]:
    """Every comparison, in the form that Splink takes."""
    return [
        _comparison("first_name", first_name_levels()),
        _comparison("last_name", _last_name()),
        _comparison("birth", _birth()),
        _comparison("email", _email()),
        _comparison("phone", _typed_number("phone")),
        _comparison("home", _home()),
        _comparison("identifier", _typed_number("identifier")),
    ]


def _comparison(name: str, levels: list[dict[str, Any]]) -> dict[str, Any]:
    return {"output_column_name": name, "comparison_levels": levels}


def _null(condition: str) -> dict[str, Any]:
    return {"sql_condition": condition, "label_for_charts": "missing", "is_null_level": True}


def _level(condition: str, label: str, frequency: str | None = None) -> dict[str, Any]:
    level: dict[str, Any] = {"sql_condition": condition, "label_for_charts": label}
    if frequency:
        level["tf_adjustment_column"] = frequency
        level["disable_tf_exact_match_detection"] = True
    return level


def _else() -> dict[str, Any]:
    return _level("ELSE", DIFFERENT)


def _missing(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _similar(left: str, right: str) -> str:
    return f"jaro_winkler_similarity({left}, {right}) >= {NAME_SIMILARITY}"


def _unless(ruled_out: str, condition: str) -> str:
    """The condition, asked only where nothing rules it out: `and` and `or` ask both sides."""
    return f"case when {ruled_out} then false else {condition} end"


def _one_off(column: str, near: float = 0.9, also: str = "true") -> str:
    """One slip apart. The distance costs a hundred similarities: it is asked of near ones only.

    Among texts of one length a slip changes one byte, or exchanges two; the distance counts bytes.
    """
    left, right = f"{column}_l", f"{column}_r"
    far = f"case when strlen({left}) = strlen({right}) then hamming({left}, {right}) > 2"
    far += f" else abs(strlen({left}) - strlen({right})) > 1 end"
    slip = _unless(f"not ({also})", f"damerau_levenshtein({left}, {right}) <= 1")
    return (
        f"case when jaro_winkler_similarity({left}, {right}) >= {near}"
        f" then {_unless(far, slip)} else false end"
    )


def _crossed() -> str:
    """A first name stands where the other record has its last name, give or take a slip.

    Not where the last names are alike: a Martine Martin is no Paul Martin.
    """
    crosswise = (
        f"{_similar('first_name_l', 'last_name_r')} or {_similar('last_name_l', 'first_name_r')}"
    )
    alike = _similar("last_name_l", "last_name_r")
    return f"case when not {alike} then coalesce({crosswise}, false) else false end"


def first_name_levels() -> list[dict[str, Any]]:
    """What two first names may be to each other."""
    return [
        _level("first_name_l = first_name_r", "same", "first_name"),
        _level(
            "first_part_l = first_name_r or first_part_r = first_name_l"
            " or first_name_l = left(first_name_r, 1) or first_name_r = left(first_name_l, 1)",
            "initial or part of a compound name",
        ),
        # Julie is no slip for Julien: two names that many bear are two names.
        _level(
            _unless(
                "is_usual_first_name_l and is_usual_first_name_r",
                _similar("first_name_l", "first_name_r"),
            ),
            "mistyped",
        ),
        # Swapped names are one observation: the last name's comparison counts it.
        _null(f"{_missing('first_name')} or {_crossed()}"),
        _else(),
    ]


def _last_name() -> list[dict[str, Any]]:
    return [
        _null(_missing("last_name")),
        _level("last_name_l = last_name_r", "same", "last_name"),
        _level(_similar("last_name_l", "last_name_r"), "mistyped"),
        _level(
            "length(least(last_name_l, last_name_r)) >= 4"
            " and (contains(last_name_l, last_name_r) or contains(last_name_r, last_name_l))",
            "one of two names of a couple",
        ),
        _level(SWAPPED, "first and last name swapped"),
        _level(_crossed(), "a first name in the place of the last"),
        _else(),
    ]


def _birth() -> list[dict[str, Any]]:
    same_parts = (
        "cast(substr(birth_l, 1, 4) = substr(birth_r, 1, 4) as integer)"
        " + cast(substr(birth_l, 5, 2) = substr(birth_r, 5, 2) as integer)"
        " + cast(substr(birth_l, 7, 2) = substr(birth_r, 7, 2) as integer)"
    )
    # Many addresses end with the year of birth: it stands in for a date that is missing.
    year_l = "coalesce(birth_year_l, email_year_l)"
    year_r = "coalesce(birth_year_r, email_year_r)"
    no_date = f"({_missing('birth')}) and coalesce(birth_year_l, birth_year_r) is not null"
    return [
        _null(f"({_missing('birth')}) and coalesce({_no_year()}, true)"),
        _level("birth_l = birth_r", "same"),
        _level(f"{no_date} and {year_l} = {year_r}", "year in the e-mail address"),
        _level(no_date, "other number in the e-mail address"),
        _level(_one_off("birth"), "one digit off"),
        _level(f"{same_parts} = 2", "two of day, month and year"),
        _else(),
    ]


def _no_year() -> str:
    """Neither record has a birth date beside the other's address with a number."""
    return (
        "(birth_year_l is null or email_year_r is null)"
        " and (birth_year_r is null or email_year_l is null)"
    )


def _email() -> list[dict[str, Any]]:
    return [
        # Two addresses of one mailbox name at two hosts are mostly made of the name itself, which
        # is counted already: neither for nor against.
        _null(f"{_missing('email')} or (mailbox_l = mailbox_r and email_l <> email_r)"),
        _level("email_l = email_r", "same"),
        _level(
            # Namesakes' addresses are near, too: their numbers tell them apart.
            _one_off(
                "email",
                0.95,
                "regexp_replace(email_l, '[^0-9]', '', 'g')"
                " = regexp_replace(email_r, '[^0-9]', '', 'g')",
            ),
            "one letter off",
        ),
        _else(),
    ]


def _typed_number(column: str) -> list[dict[str, Any]]:
    return [
        _null(_missing(column)),
        _level(f"{column}_l = {column}_r", "same"),
        _level(_one_off(column), "one digit off"),
        _else(),
    ]


def _home() -> list[dict[str, Any]]:
    same_place = "(postal_code_l = postal_code_r or city_l = city_r)"
    return [
        _null(f"({_missing('address')}) and ({_missing('postal_code')}) and ({_missing('city')})"),
        _level(f"address_l = address_r and {same_place}", "same address"),
        _level(
            f"{same_place}"
            f" and jaro_winkler_similarity(address_l, address_r) >= {NAME_SIMILARITY}"
            " and coalesce(house_number_l = house_number_r, true)",
            "mistyped address",
        ),
        _level("address_l = address_r", "same address, other place"),
        _level("postal_code_l = postal_code_r", "same postal code", "postal_code"),
        _level(
            f"city_l = city_r or {_one_off('postal_code')}",
            "same town or mistyped postal code",
        ),
        _else(),
    ]
