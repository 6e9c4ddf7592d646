"""Erasing people, proving it, and handing over what is held about them."""
