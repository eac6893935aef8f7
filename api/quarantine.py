"""`GET /api/quarantine`: what the city could not read, for whoever has to mend its source."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.city import Here
from api.shapes import Quarantined
from store.log import Kept, quarantined

router = APIRouter(prefix="/api", tags=["health"])
BEGINNING = 16


@router.get("/quarantine")
def list_quarantine(city: Here, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> list[Quarantined]:
    """Messages and rows that were put aside, the newest first; /metrics counts them by their reason."""
    with city.db.read() as tx:
        return [_shown(kept, city.actor.system) for kept in quarantined(tx, limit)]


def _shown(kept: Kept, whole: bool) -> Quarantined:
    """What somebody said may stand in it: a person sees its size, and how it begins where that is no text."""
    text = kept.payload.decode(errors="replace").replace("\0", "\ufffd")
    legible = kept.payload[:BEGINNING].decode(errors="ignore").isprintable()
    return Quarantined(
        id=kept.id,
        at=kept.at,
        topic=kept.topic,
        reason=kept.reason,
        detail=kept.detail,
        payload=text if whole else "",
        size=len(kept.payload),
        begins=None if legible else kept.payload[:BEGINNING].hex(" "),
    )
