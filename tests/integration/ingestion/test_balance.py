"""Counts add up, whatever lands: read = loaded + quarantined + duplicate + erased, per file."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HEADER = "ticket;line;product;quantity;amount;discount;day"

CELL = st.one_of(
    st.sampled_from(["", "1", "2", "-1", "1,5", "1.5", "x", "01/01/2029", '"', '"a;b"', " "]),
    st.text(
        st.characters(codec="utf-8", exclude_characters="\r\n", exclude_categories=("Cs",)),
        max_size=4,
    ),
)
GOOD = st.builds(
    "{};{};A;1;{},00;0;01/01/2029".format,
    st.sampled_from("abc"), st.integers(0, 2), st.integers(1, 2),
)  # fmt: skip
ROW = st.one_of(GOOD, GOOD, st.lists(CELL, min_size=6, max_size=8).map(";".join))
FILES = st.lists(st.lists(ROW, max_size=8), min_size=1, max_size=3)


@settings(
    max_examples=25,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(files=FILES, is_one_delivery=st.booleans())
def test_every_row_read_is_loaded_quarantined_duplicate_or_erased(shop, files, is_one_delivery):
    shop.start_again()
    paths = [shop.drop(f"lines{number}.csv", HEADER, *rows) for number, rows in enumerate(files)]
    if is_one_delivery:
        shop.manifest("may", *paths)
    report = shop.load("order_lines")
    assert report.is_balanced
    in_raw = Counter(
        dict(shop.rows("select load_id, count(*) from raw_files.order_lines group by 1"))
    )
    aside = Counter(dict(shop.rows("select load_id, count(*) from quarantine.files group by 1")))
    for file in report.files:
        assert in_raw[file.load_id] == file.rows_loaded
        assert aside[file.load_id] == file.rows_quarantined
    keys = shop.rows("select count(*), count(distinct source_key) from raw_files.order_lines")
    assert keys[0][0] == keys[0][1]
    lines = shop.rows("select file_name, file_line from raw_files.order_lines union all "
                      "select file_name, file_line from quarantine.files")  # fmt: skip
    assert len(lines) == len(set(lines))
