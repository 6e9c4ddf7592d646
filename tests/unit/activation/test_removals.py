"""A row that is taken out says why and as of when, and repeats nothing else."""

import json
from datetime import date

from activation.arbitration import OUTCOMES
from activation.destination import RemovalRow
from activation.removals import LEFT, removal_payload
from activation.webhook import _row


def test_a_removal_carries_its_own_reason_and_day_in_both_languages() -> None:
    before = json.dumps({"customer_key": "1", "reason_en": "net amount: 3", "rfm_group": "gros"})
    for why in (LEFT, *OUTCOMES[:6]):
        told = json.loads(removal_payload(before, why, date(2018, 1, 2)))
        values = _row(RemovalRow("c_1", "key", told))["values"]
        assert set(values) == {"customer_key", "reason_en", "reason_fr", "data_as_of"}
        assert values["data_as_of"] == "2018-01-02"
        assert values["reason_en"] != "net amount: 3"
