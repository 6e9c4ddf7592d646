"""A make-believe French retailer whose truth is known: people first, then what systems record."""
