"""Sites: the name under which the pages of one publisher are taken together."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

# A page number in an address: "?page=2", "/p/3", "/page-2", "_2.html", or a lone small number at the end of the path.
_PAGE_NUMBER = re.compile(
    r"[?&/_-](?:p|page|seite|pagina|start)[=/_-]?\d{1,4}(?=[/&.#]|$)|(?<=[a-z])[/_]\d{1,2}(?=/?$|\.\w{2,5}$)"
)


@lru_cache(maxsize=65536)
def site_of(url: str) -> str:
    """Return the registrable domain of *url*, in lower case, or its host where there is none; "" without a host.

    The list of public suffixes is the one that the package `tld` carries; nothing is fetched.

    >>> site_of("https://www.news.example.co.uk/a?b"), site_of("http://127.0.0.1:80/"), site_of("no address")
    ('example.co.uk', '127.0.0.1', '')
    """
    from tld import get_fld

    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    known = get_fld(f"https://{host}/", fail_silently=True) if host else None
    return known or host.removeprefix("www.")


def series_of(url: str) -> str:
    """Return *url* without its page number and fragment: the same for all pages of an article that is cut up.

    >>> series_of("https://example.com/a/story?page=2") == series_of("https://example.com/a/story")
    True
    """
    return _PAGE_NUMBER.sub("", url.partition("#")[0]).rstrip("/")
