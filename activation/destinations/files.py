"""Files for people and machines: workbooks, a French CSV, a plain CSV, by household key."""

from activation.destination import Destination
from activation.file_export import FilesSender

DESTINATION = Destination(
    title={"en": "Files", "fr": "Fichiers"},
    channels=frozenset({"post", "email", "sms", "phone"}),
    identifier="customer_key",
    columns=(
        "customer_key",
        "score_name",
        "score_probability",
        "reason_en",
        "reason_fr",
        "score_drivers_en",
        "score_drivers_fr",
        "last_ordered_on",
        "days_since_last_order",
        "order_count",
        "net_amount",
        "net_amount_365_days",
        "currency",
        "rfm_group",
        "pmg_class",
        "lifecycle_stage",
        "segment",
        "entered_on",
        "is_new",
        "rule_en",
        "rule_fr",
        "experiment_arm",
        "held_out_of",
        "consent_basis",
        "consent_entry_id",
        "data_as_of",
    ),
    open=FilesSender,
    is_file=True,
)
