"""What a removal says: whom, why, and as of when; nothing else of what was delivered."""

from __future__ import annotations

import json
from datetime import date

from activation.words import TEXTS

LEFT = "left_segment"


def removal_payload(payload_json: str, why: str, as_of: date) -> str:
    """The delivered payload with the reason of its removal in words and the day of the data.

    why: an outcome, or LEFT.
    """
    values = json.loads(payload_json)
    values["reason_en"] = TEXTS(f"removed_{why}", "en")
    values["reason_fr"] = TEXTS(f"removed_{why}", "fr")
    values["data_as_of"] = as_of.isoformat()
    return json.dumps(values, ensure_ascii=False, allow_nan=False)
