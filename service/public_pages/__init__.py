"""The pages that a link in a message opens: `/u/{token}` ends a channel, `/preferences/{token}` asks for less.

Nobody signs in to them, and they use no cookie and no script: the secret is the token in the address. They show masked
addresses at most, and whatever is refused has the same page for everybody.
"""

from service.public_pages import preferences, unsubscribe
from service.public_pages.blueprint import blueprint

#: Each module adds its pages to the blueprint.
PAGES = (preferences, unsubscribe)

__all__ = ["PAGES", "blueprint"]
