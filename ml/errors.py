"""The one error of this leaf that others may catch."""

from __future__ import annotations


class ModelRejected(Exception):  # noqa: N818 - a name that operators know, not an …Error
    """A model or its data may not be used; the message says where, why and what to do."""
