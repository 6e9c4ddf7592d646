"""One module per score; each defines MODEL."""
