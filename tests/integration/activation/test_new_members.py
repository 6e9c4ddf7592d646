"""A list says since when each person is in it, and who is new."""

import csv

from tests.fixtures.small_company import FILES, Company


def listed(company: Company) -> dict[str, tuple[str, str]]:
    path = company.settings.exports_dir / "rich" / "machine" / "rich.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {row["customer_key"]: (row["entered_on"], row["is_new"]) for row in rows}


def test_a_list_marks_who_entered_since_the_count_before(company: Company) -> None:
    company.run(FILES)
    first = listed(company)
    assert set(first.values()) == {("2018-01-01", "false")}
    company.next_day()
    company.con.execute("update marts.customer_360 set net_amount = 2000")
    company.run(FILES)
    later = listed(company)
    new = {key for key, (_, is_new) in later.items() if is_new == "true"}
    assert new == set(later) - set(first)
    assert {later[key] for key in set(later) - set(first)} == {("2018-01-02", "true")}
