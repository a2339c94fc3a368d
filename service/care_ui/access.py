"""The roles that may open each route of the care team's pages, in one table; an unlisted route is refused."""

from __future__ import annotations

from service.staff_pages.access import Routes, routes_of_every_room

STAFF = frozenset({"staff"})

#: The roles by endpoint; one of them is enough.
ROUTES: Routes = {
    **routes_of_every_room("care"),
    "care.start": STAFF,
    "care.close": STAFF,
    "care.claim": STAFF,
    "care.patients_page": STAFF,
    "care.find_patient": STAFF,
    "care.patient": STAFF,
    "care.report": STAFF,
    "care.retract": STAFF,
}
