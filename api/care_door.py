"""The plain pages of the care chain, together; the console takes their place."""

from __future__ import annotations

from api import care_episode, care_field, care_money, care_pages, care_report_page

ROUTERS = tuple(room.router for room in (care_pages, care_episode, care_field, care_money, care_report_page))
