from pathlib import Path

import pytest

from contract.errors import ConfigError
from governance.rules import RULES_FILE, load_rules


def changed(tmp_path: Path, old: str, new: str) -> Path:
    path = tmp_path / "lawful_basis.yml"
    path.write_text(RULES_FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    return path


def test_the_shipped_rules_are_readable() -> None:
    assert load_rules().stale_after.total_seconds() == 36 * 3600


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "channel: email",
            "channel: e-mail",
            r"rules\[0\]: channel 'e-mail'. Did you mean 'email'",
        ),
        ("basis: consent}", "basis: consents}", r"Did you mean 'consent'"),
        ("until: 2026-08-11", "untill: 2026-08-11", r"unknown key 'untill'. Did you mean 'until'"),
        ("until: 2026-08-11", "until: soon", r"expected a day like 2026-08-11"),
        ("stale_after_hours: 36", "stale_after_hours: never", r"expected whole hours"),
        ("country: any, ", "", r"no 'country'"),
        ("country: FR", "country: NO", r"country: found False. Put the code in quotes"),
        ("  marketing: [marketing, profiling, all]\n", "", r"stopped_by: marketing: found None"),
        ("marketing: [marketing, ", "marketing: [", r"expected a list with itself"),
        ("[marketing, profiling, all]", "[marketing, profilin, all]", r"Did you mean 'profiling'"),
        ("[profiling, all]", "[profiling]", r"expected a list with itself and 'all'"),
        ("[sale_of_data]", "[marketing]", r"also_called: sale_or_sharing: found"),
        ("[email, sms, post]", "[email, fax]", r"order_confirmation: channel 'fax'"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load_rules(changed(tmp_path, old, new))
