"""An e-mail tool that reminds people of a cart: it takes addresses and the link to the cart."""

from activation.destination import Destination
from activation.webhook import WebhookSender

DESTINATION = Destination(
    title={"en": "E-mail tool, with the cart", "fr": "Outil d’e-mailing, avec le panier"},
    channels=frozenset({"email"}),
    identifier="email",
    columns=(
        "customer_key",
        "email",
        "first_name",
        "do_not_personalise_reason",
        "abandoned_cart_url",
        "abandoned_cart_amount",
        "abandoned_cart_at",
        "currency",
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
    # Another cart is another reminder.
    watched=frozenset({"email", "abandoned_cart_url", "abandoned_cart_at", "consent_entry_id"}),
    open=WebhookSender,
)
