"""The pages of registration on one blueprint, and the reviewers' page about them in their room."""

from service.registration import pages, report_page, resume
from service.registration.blueprint import admit_page, blueprint, install

#: Each module adds its pages to a blueprint.
PAGES = (pages, report_page, resume)

__all__ = ["PAGES", "admit_page", "blueprint", "install"]
