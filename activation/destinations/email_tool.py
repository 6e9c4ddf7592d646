"""An e-mail sending tool: it takes addresses of people who consented."""

from activation.destination import Destination
from activation.webhook import WebhookSender

DESTINATION = Destination(
    title={"en": "E-mail tool", "fr": "Outil d’e-mailing"},
    channels=frozenset({"email"}),
    identifier="email",
    columns=(
        "customer_key",
        "email",
        "first_name",
        "do_not_personalise_reason",
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
        "preferences_link",
        "unsubscribe_link",
        "data_as_of",
    ),
    watched=frozenset({"email", "first_name", "segment", "offer_code", "consent_entry_id"}),
    open=WebhookSender,
)
