"""The pages of a signed-in patient about their own care: questions, permissions, caregivers; and of who is invited.

They need no script. They call the use cases that the API calls, and store nothing of their own.
"""

from service.patient_pages import accept, caregivers, permissions, questions
from service.patient_pages.blueprint import admit_page, blueprint

#: Each module adds its pages to the blueprint.
PAGES = (accept, caregivers, permissions, questions)

__all__ = ["PAGES", "admit_page", "blueprint"]
