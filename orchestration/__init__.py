"""Wiring only: settings, resources, assets, automation and the command line."""
