"""Sign-in of patients: by a code to a contact that they confirmed, a provider or a passkey; sessions, and apps' tokens.

Its pages need no script, but for passkeys. Its store, its use cases, its pages and its routes live in this room; the
use cases speak no HTTP. Nothing here says whether an address is a patient's.
"""

from service.sign_in import account, pages, passkey_pages, provider_pages
from service.sign_in.blueprint import admit_call, admit_page, blueprint, install
from service.sign_in.routes import api

#: Each module adds its pages to the blueprint.
PAGES = (account, pages, passkey_pages, provider_pages)

__all__ = ["PAGES", "admit_call", "admit_page", "api", "blueprint", "install"]
