"""The log of commitments that proves the consent ledger: nothing edited, removed or reordered."""
