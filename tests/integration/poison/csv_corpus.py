"""Till files as tills, people and spreadsheets really spoil them."""

from __future__ import annotations

from case import Case, Corpus

HEADER = "ticket;ligne;article;quantite;montant;date"
GOOD_ROWS = 5
DECLARATION = """
system: tills
owner: stores
description: Poisoned till files.
separator: ";"
decimal: ","
thousands: " "
date_format: "%d/%m/%Y"
time_zone: Europe/Paris
manifest: optional
settle_seconds: 0
files:
  tickets: &tickets
    entity: order_lines
    pattern: utf8-*.csv
    columns:
      order_key: ticket
      line_number: ligne
      product_key: article
      line_kind: {when: [{column: quantite, below: 0, value: return}], otherwise: sale}
      quantity: quantite
      net_amount: montant
      ordered_at: date
  tickets_cp1252: {<<: *tickets, pattern: cp1252-*.csv, encoding: cp1252}
  tickets_comma: {<<: *tickets, pattern: comma-*.csv, separator: ",", decimal: "."}
  tickets_tab: {<<: *tickets, pattern: tab-*.csv, separator: "\\t"}
  tickets_us: {<<: *tickets, pattern: us-*.csv, date_format: "%m/%d/%Y"}
"""

# One cell that makes its row unreadable, and nothing else: (name, column, text).
BAD_CELLS = [
    ("amount_with_a_point", "montant", "12.50"),
    ("amount_in_words", "montant", "douze"),
    ("amount_empty", "montant", ""),
    ("amount_with_two_commas", "montant", "1,2,3"),
    ("amount_nan", "montant", "NaN"),
    ("amount_infinite", "montant", "inf"),
    ("amount_spreadsheet_error", "montant", "#VALEUR!"),
    ("amount_formula", "montant", "=SOMME(A1:A9)"),
    ("amount_beyond_decimal", "montant", "9" * 25 + ",00"),
    ("line_zero", "ligne", "0"),
    ("line_negative", "ligne", "-1"),
    ("line_fraction", "ligne", "1,5"),
    ("line_letters", "ligne", "un"),
    ("line_empty", "ligne", ""),
    ("line_beyond_bigint", "ligne", "99999999999999999999"),
    ("ticket_empty", "ticket", ""),
    ("date_empty", "date", ""),
    ("date_30_february", "date", "30/02/2026"),
    ("date_month_13", "date", "01/13/2026"),
    ("date_iso", "date", "2026-01-31"),
    ("date_serial_number", "date", "45678"),
    ("date_in_words", "date", "hier"),
    ("date_29_february_common_year", "date", "29/02/2025"),
    ("quantity_letters", "quantite", "deux"),
    ("quantity_scientific_text", "quantite", "1E"),
]
# One cell that looks odd and is right: (name, column, text).
ODD_CELLS = [
    ("amount_with_space", "montant", "1 234,56"),
    ("amount_with_nbsp", "montant", "1\u00a0234,56"),
    ("amount_with_narrow_nbsp", "montant", "1\u202f234,56"),
    ("amount_negative", "montant", "-12,50"),
    ("amount_without_cents", "montant", "12"),
    ("quantity_negative", "quantite", "-2"),
    ("quantity_fraction", "quantite", "0,350"),
    ("article_leading_zeros", "article", "000123"),
    ("article_scientific", "article", "1E+15"),
    ("article_empty", "article", ""),
    ("article_mojibake", "article", "VÃ©lo"),
    ("article_formula", "article", "=HYPERLINK(1)"),
    ("article_emoji", "article", "🚲"),
    ("article_arabic", "article", "دراجة"),
    ("article_quote", "article", '"a ""b"" c"'),
    ("article_newline_in_quotes", "article", '"a\nb"'),
    ("article_separator_in_quotes", "article", '"a;b"'),
    ("article_very_long", "article", "x" * 100_000),
    ("article_zero_width", "article", "a\u200bb"),
    ("date_29_february_leap_year", "date", "29/02/2024"),
    ("date_hour_that_does_not_exist", "date", "29/03/2026"),
    ("ticket_with_pipe", "ticket", "A|B"),
    ("ticket_sql", "ticket", "' or 1=1 --"),
]


def cases() -> list[Case]:
    """Every case of this corpus, seeded."""
    corpus = Corpus("csv")
    for name, column, text in BAD_CELLS:
        rows = [*_good(corpus), _row(corpus, **{column: text})]
        corpus.add(f"utf8-{name}", _file(corpus.shuffled(rows)), loaded=GOOD_ROWS, quarantined=1)
    for name, column, text in ODD_CELLS:
        rows = [*_good(corpus), _row(corpus, **{column: text})]
        corpus.add(f"utf8-{name}", _file(corpus.shuffled(rows)), loaded=GOOD_ROWS + 1)
    for make in (_encodings, _lines, _shapes, _keys, _refused):
        make(corpus)
    return corpus.cases


def _row(corpus: Corpus, **cells: str) -> str:
    row = {
        "ticket": corpus.key(),
        "ligne": "1",
        "article": "A1",
        "quantite": "1",
        "montant": "9,90",
        "date": "15/06/2026",
    }
    return ";".join((row | cells).values())


def _good(corpus: Corpus, count: int = GOOD_ROWS) -> list[str]:
    return [_row(corpus) for _ in range(count)]


def _file(rows: list[str], header: str = HEADER, end: str = "\n", encoding: str = "utf-8") -> bytes:
    return (end.join([header, *rows]) + end).encode(encoding)


def _encodings(corpus: Corpus) -> None:
    accented = [_row(corpus, article="Vélo à œillets €"), *_good(corpus)]
    corpus.add("utf8-with_bom", _file(accented, encoding="utf-8-sig"), loaded=GOOD_ROWS + 1)
    accented = [_row(corpus, article="Vélo à œillets €"), *_good(corpus)]
    corpus.add("cp1252-right", _file(accented, encoding="cp1252"), loaded=GOOD_ROWS + 1)
    accented = [_row(corpus, article="Vélo"), *_good(corpus)]
    spoilt = _file(accented, encoding="cp1252")
    corpus.add("utf8-one_latin_line", spoilt, loaded=GOOD_ROWS, quarantined=1)
    rows = [_row(corpus, article="a"), *_good(corpus)]
    spoilt = _file(rows).replace(b";a;", b";\xff\xfe\xfd;")
    corpus.add("utf8-invalid_bytes", spoilt, loaded=GOOD_ROWS, quarantined=1)
    rows = [_row(corpus, article="truncated\u00e9"), *_good(corpus)]
    spoilt = _file(rows).replace("\u00e9".encode(), b"\xc3")
    corpus.add("utf8-half_a_letter", spoilt, loaded=GOOD_ROWS, quarantined=1)


def _lines(corpus: Corpus) -> None:
    corpus.add("utf8-crlf", _file(_good(corpus), end="\r\n"), loaded=GOOD_ROWS)
    corpus.add("utf8-no_last_line_end", _file(_good(corpus)).rstrip(b"\n"), loaded=GOOD_ROWS)
    blank = _good(corpus)
    corpus.add("utf8-blank_lines", _file([blank[0], "", *blank[1:], "", ""]), loaded=GOOD_ROWS)
    corpus.add("utf8-header_only", _file([]))
    cut = _file([*_good(corpus), _row(corpus)]).rstrip(b"\n")[:-22]
    corpus.add("utf8-cut_in_its_last_line", cut, loaded=GOOD_ROWS, quarantined=1)


def _shapes(corpus: Corpus) -> None:
    one_bad = {"loaded": GOOD_ROWS, "quarantined": 1}
    rows = [*_good(corpus), _row(corpus) + ";one too many"]
    corpus.add("utf8-too_many_cells", _file(corpus.shuffled(rows)), **one_bad)
    rows = [*_good(corpus), "K;1;A1"]
    corpus.add("utf8-too_few_cells", _file(corpus.shuffled(rows)), **one_bad)
    corpus.add("utf8-total_line", _file([*_good(corpus), "TOTAL;;;;49,50;"]), **one_bad)
    corpus.add("utf8-header_repeated", _file([*_good(corpus), HEADER]), **one_bad)
    rows = [*_good(corpus, 3), _row(corpus, article='"never closed'), *_good(corpus, 2)]
    corpus.add("utf8-open_quote", _file(rows), **one_bad)
    rows = [*_good(corpus), _row(corpus, article='a"b"c')]
    corpus.add("utf8-quotes_within_a_cell", _file(corpus.shuffled(rows)), loaded=GOOD_ROWS + 1)
    header = HEADER + ";caisse"
    rows = [row + ";C3" for row in _good(corpus)]
    corpus.add("utf8-new_column", _file(rows, header), loaded=GOOD_ROWS)
    header = "date;montant;quantite;article;ligne;ticket"
    rows = [";".join(reversed(row.split(";"))) for row in _good(corpus)]
    corpus.add("utf8-columns_in_another_order", _file(rows, header), loaded=GOOD_ROWS)
    rows = [row.replace(";", "\t") for row in _good(corpus)]
    corpus.add("tab-separated", _file(rows, HEADER.replace(";", "\t")), loaded=GOOD_ROWS)
    rows = [row.replace(",", ".").replace(";", ",") for row in _good(corpus)]
    corpus.add("comma-separated", _file(rows, HEADER.replace(";", ",")), loaded=GOOD_ROWS)
    rows = [_row(corpus, date="06/15/2026"), _row(corpus, date="15/06/2026")]
    corpus.add("us-month_first", _file(rows), loaded=1, quarantined=1)


def _keys(corpus: Corpus) -> None:
    row = _row(corpus)
    corpus.add("utf8-same_row_twice", _file([row, row]), loaded=1, duplicate=1)
    row = _row(corpus)
    other = row.replace("9,90", "8,80")
    corpus.add("utf8-two_tills_one_ticket", _file([row, other]), quarantined=2)
    rows = _good(corpus)
    corpus.add("utf8-again_1", _file(rows), loaded=GOOD_ROWS)
    corpus.add("utf8-again_2_resent", _file([*rows, _row(corpus)]), loaded=1, duplicate=GOOD_ROWS)


def _refused(corpus: Corpus) -> None:
    corpus.add("utf8-utf16", _file(_good(corpus), encoding="utf-16"), set_aside="utf-8")
    header = HEADER.replace("montant", "prix")
    corpus.add("utf8-column_renamed", _file(_good(corpus), header), refused="montant")
    rows = [row.rsplit(";", 1)[0] for row in _good(corpus)]
    header = HEADER.rsplit(";", 1)[0]
    corpus.add("utf8-column_lost", _file(rows, header), refused="date")
    rows = [row + ";x" for row in _good(corpus)]
    corpus.add("utf8-column_twice", _file(rows, HEADER + ";ticket"), refused="repeat")
    corpus.add("utf8-another_separator", _file(_good(corpus)).replace(b";", b"|"), refused="column")
    corpus.add("utf8-empty", b"", refused="column")
    corpus.add("utf8-web_page", b"<!DOCTYPE html><html><body>502</body></html>", refused="column")
    corpus.add("utf8-zip", b"PK\x03\x04" + bytes(range(256)) * 8, set_aside="zip")
    wide = ";".join(f"c{n}" for n in range(100_000))
    corpus.add("utf8-100000_columns", wide.encode(), set_aside="columns")
    corpus.add("utf8-nul_bytes", b"\x00" * 4096, refused="column")
