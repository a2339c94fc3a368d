"""The pages of registration, all of them on one blueprint."""

from service.registration import pages, resume
from service.registration.blueprint import admit_page, blueprint, install

#: Each module adds its pages to the blueprint.
PAGES = (pages, resume)

__all__ = ["PAGES", "admit_page", "blueprint", "install"]
