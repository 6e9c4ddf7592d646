"""Who gave no sign of life for too long is unengaged, unless that is their own rhythm."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from activation.sunset import Sunset, engagement_columns, load_sunsets
from contract.errors import ConfigError
from tests.fixtures import small_marts

TODAY = date(2026, 9, 1)
SUNSET = Sunset(365)


@pytest.mark.parametrize(
    ("heard", "stage", "is_unengaged"),
    [
        ("2025-09-01T00:00:00", "lost", False),
        ("2025-08-31T23:59:59", "lost", True),
        ("2025-08-31T23:59:59", "prospect", True),
        ("2025-08-31T23:59:59", "at_risk", True),
        ("2024-01-01T00:00:00", "active", False),
        ("2024-01-01T00:00:00", "first_buyer", False),
        (None, "lead", True),
        (None, "loyal", False),
    ],
)
def test_silence_counts_from_the_last_contact_outside_the_own_rhythm(
    heard: str | None, stage: str, is_unengaged: bool
) -> None:
    at = datetime.fromisoformat(heard) if heard else None
    values: dict[str, Any] = {"last_contact_at": at, "lifecycle_stage": stage}
    assert SUNSET.has_passed(values, TODAY) is is_unengaged


def test_where_contacts_are_not_known_nobody_is_called_silent() -> None:
    assert not SUNSET.has_passed({"lifecycle_stage": "lost"}, TODAY)
    assert engagement_columns({"customer_360": {}}) == ()
    assert engagement_columns(small_marts.columns()) == ("last_contact_at", "lifecycle_stage")


def test_the_shipped_sunset_is_for_email_alone() -> None:
    assert load_sunsets() == {"email": Sunset(365)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fax: {silent_days: 3}", "unknown key 'fax'"),
        ("email: 365", "email: expected {silent_days: …}, found 365"),
        ("email: {days: 365}", "email: unknown key 'days'"),
        ("email: {silent_days: 0}", "silent_days: found 0, expected a number from 1 to 3650"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "sunset.yml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"activation/sunset\.yml") as error:
        load_sunsets(path)
    assert said in str(error.value)
