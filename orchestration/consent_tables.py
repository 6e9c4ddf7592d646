"""The lawful bases and the gate's decision as dbt reads them: two seeds and a macro, generated.

The gate and core.consent_current then follow one rule file and one query, whoever edits them.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from governance.decision import decision_sql
from governance.rules import load_rules
from orchestration.settings import DBT_PROJECT

RULES = DBT_PROJECT / "seeds" / "consent_rules.csv"
PURPOSES = DBT_PROJECT / "seeds" / "consent_purposes.csv"
MACRO = DBT_PROJECT / "macros" / "consent_decisions.sql"
_ARGUMENTS = ("asked", "subjects", "entries", "rules", "purposes", "now", "today")
_MACRO_HEAD = """\
{#
  Generated from governance/decision.sql by `make docs`: change it there. The gate's own decision;
  the arguments are relations, and two expressions of time.
#}
{% macro consent_decisions(ARGUMENTS) -%}
"""


def rules_seed() -> str:
    """The rules in force and out of it, one row per rule and channel, as CSV."""
    return _csv(load_rules().rule_rows())


def purposes_seed() -> str:
    """Which word of an entry speaks of which purpose, as CSV."""
    return _csv(load_rules().purpose_rows())


def macro() -> str:
    """The dbt macro with the text of the gate's own query."""
    text = decision_sql(**{name: f"{{{{ {name} }}}}" for name in _ARGUMENTS})
    head = _MACRO_HEAD.replace("ARGUMENTS", ", ".join(_ARGUMENTS))
    return f"{head}{text}\n{{%- endmacro %}}\n"


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()
