"""Every vendor that answers over HTTP, listening on loopback at once."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from demo.fakes.brevo import Brevo
from demo.fakes.hubspot import Hubspot
from demo.fakes.matomo import Matomo
from demo.fakes.preferences import Preferences
from demo.fakes.prestashop import Prestashop
from demo.fakes.server import Fake, serve
from demo.fakes.shopify import Shopify
from demo.fakes.support import Support

# System → the name of its secret in the settings, and the vendor.
_VENDORS: dict[str, tuple[str, type]] = {
    "shopify": ("TOKEN", Shopify),
    "prestashop": ("KEY", Prestashop),
    "hubspot": ("TOKEN", Hubspot),
    "brevo": ("KEY", Brevo),
    "matomo": ("TOKEN", Matomo),
    "support": ("TOKEN", Support),
    "preferences": ("TOKEN", Preferences),
}


@contextmanager
def serve_all(home: Path, secret: str) -> Iterator[dict[str, str]]:
    """Start every vendor over the stores below home; the settings that reach them, by variable.

    Each vendor has a key of its own, made from the secret. All of it ends with the block.
    """
    settings: dict[str, str] = {}
    with ExitStack() as stack:
        for system, (kind, vendor) in _VENDORS.items():
            key = hmac.new(secret.encode(), system.encode(), hashlib.sha256).hexdigest()[:32]
            fake: Fake = vendor(home, key)
            name = f"HABITUE_{system.upper()}"
            settings[f"{name}_URL"] = stack.enter_context(serve(fake))
            settings[f"{name}_{kind}"] = key
        yield settings
