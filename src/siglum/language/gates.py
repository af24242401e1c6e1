"""Gates: what stands on a line without being language, so that no engine is asked to name one."""

from __future__ import annotations

import re
import string

import regex

LONGEST_CODE = 200  # code points; a longer line of a program is rare, and prose that quotes program text is not
LONGEST_WORD = 500
LONGEST_NAMES = 80

# Control characters, unpaired surrogates, noncharacters and format marks: engines fail on some, none tells a language.
# ZWNJ and ZWJ stay, because Persian and Indic spelling need them.
_UNREADABLE = regex.compile(
    r"[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
)

# What every line is searched for begins with one class of characters and looks around from there: re then skips all
# others at once.
_MARK = re.compile(r"[0-9{};=<>$_@#~\[*/|&\\(.:](?:(?<![.:])|(?=\S))")
# A word that holds one of these may be an address, an identifier or a product code.
_SUSPECT = re.compile(
    r"[0-9_@#/\\~.:](?:(?<=[_@#/\\~])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z-][0-9])|(?<=[.:])(?=[A-Za-z/]))"
)

_FILE_OR_HOST = (
    "com|org|net|io|gov|edu|info|html?|php|aspx?|jpe?g|png|svg|gif|webp|pdf|xml|json|jsx?|tsx?|css|txt|py|md|csv|zip"
    "|mp[34]|exe"
)
# One word, without the punctuation around it.
_NO_LANGUAGE = rf"""[a-z][a-z0-9+.-]{{1,20}}:/?/?/\S+             # an address with its scheme
      | www\.\S+
      | [\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}})*+  # an e-mail address
      | [@\#][\w.]{{1,64}}                              # a handle, a hash tag
      | [\w~.@-]{{0,100}}(?:[/\\][\w~.@-]{{1,100}}){{2,40}}[/\\]?  # a path of two steps or more
      | [\w-]{{1,100}}(?:\.[\w-]{{1,60}}){{0,3}}\.(?:{_FILE_OR_HOST})(?:[/:?\#]\S*)?
      | (?=[A-Za-z-]{{0,80}}[0-9_])[A-Za-z0-9_]+(?:[./-][A-Za-z0-9_]+)*+   # ASCII with a digit
    """
# Twice as fast as `regex`, whose \w holds the marks that words of many scripts are written with.
_NO_LANGUAGE_IN_ASCII = re.compile(_NO_LANGUAGE, re.VERBOSE | re.IGNORECASE)
_NO_LANGUAGE_IN_ANY = regex.compile(_NO_LANGUAGE, regex.VERBOSE | regex.IGNORECASE)
AROUND = "-/&.,;:!?()[]{}<>\"'«»“”„‚‘’…|*"

# What only a line of a program begins with or is made of.
_CODE_LINE = re.compile(
    r"""\s*(?:
        [\w.$\[\]>-]{1,80}\s?[+*/.-]?=\s?[^=]{0,200}[;,({\[]\s*$                    # an assignment
      | (?:const|let|var|val|fun|def|function|import|from|return|private|public|protected|static|class|foreach|use
          |if|else|while|for|package|override|elif|switch|case|try|catch)\b[^.!?]{0,200}[;{}():]\s*$
      | (?:const|let|var|val|fun|def|override\ fun|private\ val|private\ fun)\s[\w$.]{1,60}\s?[=:(]
      | [\w$.@-]{1,80}\s?\([^()]{0,200}\)?\s?[;{,]\s*$                                # a call
      | [}\])]{1,5}[\s;,)}\]]{0,5}(?:else|catch|finally)?[\s{;,]{0,5}$                   # closing brackets
      | [.\#]?[a-z][\w.:\#()\[\]>-]{1,200}\s?\{\s*$                                     # a rule of a style sheet
      | [\w$]{1,40}(?:\.[\w$]{1,60}){1,10}\s?(?:[(=\[]|$)                               # a name with its members
      | \.[\w-]{1,80}(?:\s?\{|[.:(])
    )""",
    re.VERBOSE,
)
_CODE_SIGN = re.compile(
    r"""[=!:&|$<*/(-](?:
        (?<==)(?:>|==) | (?<=!)== | (?<=:):\w | (?<=-)>\w | (?<=\w\()\) | (?<=&)& | (?<=\|)\| | (?<=\$)[a-zA-Z]
      | (?<=<)/?[a-zA-Z][\w-]{0,20}[\s/>] | (?<=/)\* | (?<=\*)/ | (?<=<)\?php
    )""",
    re.VERBOSE,
)
# What may stand in prose once: two of these make a line of code. Each with the signs one of which it cannot do without.
_CODE_HINTS = tuple(
    (frozenset(signs), re.compile(pattern))
    for signs, pattern in (
        ("{};", r"[{};]\s*$"),
        (":=", r"^\s*[\w'\"-]{1,60}\s?[:=]\s?(?:['\"\[{(]|true\b|false\b|null\b|-?\d)"),
        ("=", r"^\s*\w{1,60}\s=\s\w"),
        ("_", r"\b[a-zA-Z]{2,40}_[a-zA-Z]{2,40}"),
        ("([", r"\w\.\w{1,40}\(|\w\(\s?[\w'\"$]|\[\s?[\w'\"]{1,40}\s?\]"),
        ("'\"(", r"['\"]\s?[,)\]}]\s*$|\(\s*$"),
        ("@", r"@[A-Z]\w{2,40}\("),
        (string.ascii_uppercase, r"\b[a-z]{2,30}(?:[A-Z][a-z0-9]{1,30}){1,6}\b"),
    )
)
_CODE_MARK = re.compile(
    r"[{};=<>$_\[\\(.&|:/](?:(?<=[{};=<>$_\[\\])|(?<=\w\()|(?<=\w\.)(?=\w)|(?<=&)&|(?<=\|)\||(?<=:):|(?<=/)\*)"
)


def readable(text: str, limit: int) -> str:
    """Return *text* as engines can take it: one line, without control characters, at most *limit* code points.

    The text is cut before anything is searched, so a line of any length costs the same.

    >>> readable("Skip\\x00 to\\ncontent", 100)
    'Skip to content'
    """
    text = text[:limit]
    return text if text.isprintable() else " ".join(_UNREADABLE.sub(" ", text).split())


def without_addresses(text: str) -> str:
    """Return *text* without its words that are addresses, paths, handles or ASCII with a digit in it.

    >>> without_addresses("Siehe https://example.org/a oder NVMe-1803 und b@example.org")
    'Siehe oder und'
    """
    if not _SUSPECT.search(text):
        return text
    suspect = _SUSPECT.search
    return " ".join([word for word in text.split() if not (suspect(word) and is_address(word))])


def is_address(word: str) -> bool:
    """Tell whether *word*, in which something is suspect, is an address, a path, a handle or holds a digit."""
    # A word longer than any address people write need not be searched.
    if word.isdigit() or len(word) > LONGEST_WORD:
        return False
    known = _NO_LANGUAGE_IN_ASCII if word.isascii() else _NO_LANGUAGE_IN_ANY
    return known.fullmatch(word.strip(AROUND)) is not None


def is_plain(text: str) -> bool:
    """Tell whether *text* holds no sign on which any gate but that of names could close."""
    return _MARK.search(text) is None


def looks_like_code(text: str) -> bool:
    """Tell whether *text* reads as a line of a program or a style sheet.

    >>> looks_like_code("const view = this.getModel();"), looks_like_code("Save (draft); then publish")
    (True, False)
    """
    if len(text) > LONGEST_CODE or not _CODE_MARK.search(text):
        return False
    if _CODE_LINE.match(text) or _CODE_SIGN.search(text):
        return True
    signs = set(text)
    found = (True for needed, hint in _CODE_HINTS if not needed.isdisjoint(signs) and hint.search(text))
    return next(found, False) and next(found, False)


def only_names(text: str, names: frozenset[str]) -> bool:
    """Tell whether *text* is nothing but names written alike in many languages, such as brands and agencies.

    >>> names = frozenset({"reuters", "bloomberg"})
    >>> only_names("Reuters, Bloomberg", names), only_names("Reuters reports", names)
    (True, False)
    """
    if len(text) > LONGEST_NAMES or not text:
        return False
    # The first word settles nearly every line.
    first = "".join(text.split(None, 1)[:1]).strip(AROUND).lower()
    return first in names and all(word.strip(AROUND).lower() in names for word in text.split())
