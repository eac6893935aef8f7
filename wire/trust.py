"""Whom we believe at the other end of a TLS line."""

from __future__ import annotations

import ssl


def trusting(authority: str = "") -> ssl.SSLContext:
    """A context that believes the system's authorities, and the certificate `authority` (PEM) where one is given."""
    context = ssl.create_default_context()
    if authority:
        context.load_verify_locations(cadata=authority)
    return context
