"""`GET /api/quarantine`: what the city could not read, for whoever has to mend its source."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.city import Here
from api.shapes import Quarantined
from store.log import quarantined

router = APIRouter(prefix="/api", tags=["health"])


@router.get("/quarantine")
def list_quarantine(city: Here, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> list[Quarantined]:
    """Messages and rows that were put aside, the newest first; /metrics counts them by their reason."""
    with city.db.read() as tx:
        return [
            Quarantined(
                id=kept.id, at=kept.at, topic=kept.topic, reason=kept.reason, detail=kept.detail,
                payload=kept.payload.decode(errors="replace").replace("\0", "\ufffd"),
            )
            for kept in quarantined(tx, limit)
        ]  # fmt: skip
