"""A mail house that needs the postal address itself; without one, a person is unreachable."""

from activation.destination import Destination
from activation.webhook import WebhookSender

DESTINATION = Destination(
    title={"en": "Mail house, by address", "fr": "Routeur postal, par adresse"},
    channels=frozenset({"post"}),
    identifier="address_line",
    columns=(
        "customer_key",
        "first_name",
        "do_not_personalise_reason",
        "last_name",
        "address_line",
        "postal_code",
        "city",
        "country",
        "campaign",
        "segment",
        "offer_code",
        "experiment_arm",
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
    watched=frozenset({"address_line", "postal_code", "city", "country", "segment", "offer_code"}),
    open=WebhookSender,
)
