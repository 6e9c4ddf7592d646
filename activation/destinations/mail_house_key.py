"""The retailer's mail house, which holds the addresses: it takes household keys."""

from activation.destination import Destination
from activation.webhook import WebhookSender

DESTINATION = Destination(
    title={"en": "Mail house, by household key", "fr": "Routeur postal, par clé foyer"},
    channels=frozenset({"post"}),
    identifier="customer_key",
    columns=(
        "customer_key",
        "campaign",
        "segment",
        "offer_code",
        "experiment_arm",
        "rule_en",
        "rule_fr",
        "reason_en",
        "reason_fr",
        "score_name",
        "score_probability",
        "score_drivers_en",
        "score_drivers_fr",
        "consent_basis",
        "consent_entry_id",
        "data_as_of",
    ),
    # A reason counts the days of silence, so it changes daily; the letter does not.
    watched=frozenset({"customer_key", "segment", "offer_code", "consent_basis"}),
    open=WebhookSender,
)
