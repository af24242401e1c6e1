"""Names: whether a few words name a person, and where a name ends."""

from __future__ import annotations

import re

_LINK = re.compile(r"\[(?P<text>[^\[\]]{1,120})\](?:\([^()\s]{0,400}\)|\[[^\[\]]{0,40}\])?")
_EMAIL = re.compile(r"<[^<>\s]{3,80}@[^<>\s]{2,80}>|\(?[\w.+-]{1,40}@[\w-]{1,40}\.[a-z.]{2,10}\)?", re.IGNORECASE)
_ADDRESS = re.compile(r"<?https?://\S{1,300}")
_HANDLE = re.compile(r"@?[A-Za-z0-9][\w.\-]{1,38}")
_JOINT = re.compile(
    r"\s*(?:[,、，;/&＆|+]|\s(?:and|und|et|y|e|i|и|та|og|och|en|ja|és|ve|và|dan|con|with|with)\s|(?<=\w)[和与與及])\s*"
)
_NEXT_LABEL = re.compile(
    r"\s+[^\s:：]{1,24}(?:\s[^\s:：]{1,16})?[:：]|,\s(?:\w{2,16}\s)?(?:by|von|par|por)\s|\s[|·•]\s|\s{3,}|\s[–—]\s"
)
_NOBODY = re.compile(
    r"(?:tbd|n/?a|none|null|nil|unknown|todo|name|your name|translator|false|true|yes|no|x{2,}|\.{2,}|-+|\?+|"
    r"@?username|full name|your full name|automatically generated|translation team|"
    r"jobs|careers|login|"
    r"無料|免费|免費|完成|已完成|进行中|未完成|支持|不支持|可能|可|有|全文|説明|说明|会社|公司|料金|方法|対応|非対応|済|未|"
    r"募集中|翻訳中|作業中|準備中|진행\s?중|완료|모집|예정|대기|"
    r"中文|英文|日本語|英語|"
    r"待定|无|無|暂无|未定|匿名|选择|未知|空|なし|未定|없음|нет|неизвестен|aucun|keine[rn]?|ninguno|"
    r"translation|here|this|original|see|link|download|edit|help|more|on|off|auto|default|"
    r"english|français|español)[.!]?",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    {
        "de", "la", "le", "les", "du", "des", "da", "do", "dos", "das", "di", "del", "della", "van", "von", "der",
        "den", "zu",
        "zur", "ter", "ten", "y", "e", "i", "und", "and", "et", "bin", "ibn", "al", "el", "ben", "ap", "mac",
        "af", "av", "of",
        "the", "for", "at", "dr", "dr.", "prof.", "jr.", "sr.", "st.", "ó", "ní", "mc", "team",
    }
)  # fmt: skip


def strip_name(raw: str) -> str:
    """Return *raw* cut to the name it opens with: links, addresses, brackets and a following label gone.

    >>> strip_name("[Ana](https://example.org/a) 校对：[Li](x)")
    'Ana'
    """
    text = _LINK.sub(lambda m: m["text"], raw)
    text = _EMAIL.sub("", text)
    text = _ADDRESS.sub("", text)
    text = re.sub(r"[*_`~]|<[^<>]{0,200}>", "", text)
    cut = _NEXT_LABEL.search(text.strip())
    if cut:
        text = text.strip()[: cut.start()]
    text = re.sub(r"\([^()]{0,80}\)|（[^（）]{0,80}）|\[[^\[\]]{0,80}\]", "", text)
    text = re.sub(r"\s*[,(（]?\s*(?:©|\b(?:19|20)\d\d)\b.*$", "", text)
    return text.strip(" \t\r\n/.,;:：。、，|·•—–-\"'“”„«»「」『』()（）[]{}!！*_>#")


def is_name(name: str) -> bool:
    """Tell whether *name* can be the name of a person, a handle or a named group.

    >>> is_name("Maria Gomez"), is_name("geekpi"), is_name("a long sentence about nothing"), is_name("TBD")
    (True, True, False, False)
    """
    if not 1 < len(name) <= 90 or "://" in name or _NOBODY.fullmatch(name) or not any(c.isalpha() for c in name):
        return False
    people = [p for p in _JOINT.split(name) if p]
    return bool(people) and len(people) <= 12 and all(_is_person(p) for p in people)


def _is_person(name: str) -> bool:
    name = name.strip(" .,:;()\"'“”«»")
    if re.search(r"i18n|gettext|intl\b", name):
        return False
    if not name or len(name) > 60 or any(c in name for c in "!?？！。।။۔:：={}<>%\ue000"):
        return False
    if "." in name and re.search(r"[^\W\d_]{3,}\.\s", name):
        return False
    words = name.split()
    cased = [w for w in words if has_case(w[0])]
    if not cased:
        return _is_uncased(name, words)
    if len(words) == 1:
        return bool(_HANDLE.fullmatch(name)) or name[0].isupper()
    if len(words) > 7:
        return False
    content = [w for w in words if w.lower() not in _PARTICLES]
    return bool(content) and all(not w[0].isalpha() or w[0].isupper() or not w[0].islower() for w in content)


def has_case(char: str) -> bool:
    """Tell whether *char* is a letter of a script that writes names with capitals: Latin, Greek, Cyrillic, Armenian."""
    return char.isalpha() and char.lower() != char.upper() and ord(char) < 0x0590


def _is_uncased(name: str, words: list[str]) -> bool:
    """Tell whether a name in a script without capitals is short enough to be one."""
    if any(c.isdigit() and i == 0 for i, c in enumerate(name)):
        return False
    wide = any("\u2e80" <= c <= "\u9fff" or "\u3040" <= c <= "\u30ff" for c in name)
    if wide:
        return len(name) <= 12
    return len(words) <= 4 and len(name) <= 40
