"""The tagger: what language each line of a text is in, how sure that is, and what the whole text is in."""

from __future__ import annotations

import math
import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, islice
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from siglum.language import document, fusion, gates
from siglum.language.document import LineLanguage, Lines, Tag
from siglum.language.engines import (
    NOTHING,
    Answer,
    Engine,
    Langdetect,
    LangdetectLines,
    ask,
    document_engine,
    line_engines,
)
from siglum.language.letters import SAMPLE, Letters
from siglum.language.settings import DEFAULT, ENGINES, LanguageSettings
from siglum.language.siblings import Group
from siglum.language.tables import load
from siglum.language.words import WordsEngine
from siglum.native import twin
from siglum.span import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 4096  # lines worked on at once
WEIGHED = 128  # lines weighed at once, so that the arrays stay in the processor's cache
SCRIPT_SHARE = 0.25  # of a line's letters that Han, kana or Hangul signs need to count beside a leading alphabet
HEAVY = 3  # letters that a Han, kana or Hangul sign is worth beside letters of an alphabet
CLEAR_VOTE = 0.9  # share of a vote from which quick modes ask for no second opinion
LIKE_ANSWERS = 4096  # answers of an engine whose outcome is remembered
ALTERNATIVE = 0.1  # share from which another candidate is named beside the answer


@dataclass(frozen=True)
class TextLanguages:
    """What languages a text is in."""

    lines: Lines  # nonblank lines only, without the space around them
    language: str  # most of the text, by letters; "und" where no line has a language
    confidence: float
    second: tuple[str, float] | None  # langdetect's opinion on the body; None where it was not asked or has none
    agreement: str  # "agree", "differ" or "none": whether that opinion is the vote's
    quotes: tuple[LineLanguage, ...]  # foreign quotations inside lines
    engines: Mapping[str, str]  # who spoke: name and version


# In UTF-8: what is no letter of ASCII, and all bytes of a sign but its first. What is left counts the letters.
_NO_LETTER = bytes(code for code in range(0xC0) if code >= 0x80 or not chr(code).isalpha())

Together = tuple[list[int], list[int]]
Heard = Mapping[str, Sequence[Answer]]  # of a source, its answer to each line

Told = tuple[Tag, int, float]  # with its class of length and its share

UNTOLD: Told = (("", 0.0, ()), 0, 0.0)  # not worked out yet
NOT_LANGUAGE: Tag = ("zxx", 0.99, ())
UNKNOWN: Tag = ("und", 0.0, ())
NO_LINES = Lines((), (), ())


class Tagger:
    """Tags lines. Safe to share by threads; the same line gets the same tag in any order and company."""

    def __init__(self, settings: LanguageSettings = DEFAULT) -> None:
        tables = load()
        core = tuple(tag for tag, language in tables.languages.items() if language.core)
        self.settings = settings
        self.tags = settings.languages or core
        self._lock = threading.Lock()
        self._cache: dict[str, Tag] = {}
        self._judge: _Judge | None = None

    @property
    def engines(self) -> dict[str, str]:
        """The engines this tagger asks about lines, by name, with their versions; those not installed are not there."""
        return {name: engine.version for name, engine in self._ready().engines.items()}

    def load(self) -> None:
        """Load tables and engines now; without this the first line does."""
        self._ready()

    def forget(self) -> None:
        """Empty the cache of lines."""
        with self._lock:
            self._cache = {}

    def tag_line(self, text: str) -> Tag:
        """Return the language of one line, the confidence in it, and what else it may be."""
        return self.tag_lines([text])[0]

    def tag_lines(self, texts: Sequence[str]) -> list[Tag]:
        """Return `tag_line` of each of *texts*: the fast way, since work is shared and repeats are tagged once."""
        longest, known = self.settings.max_chars, self._cache
        texts = [text if len(text) <= longest else text[:longest] for text in texts]
        tags = [known.get(text) for text in texts]
        if None not in tags:
            return tags  # type: ignore[return-value]
        new = list(dict.fromkeys([text for text, tag in zip(texts, tags, strict=True) if tag is None]))
        found: dict[str, Tag] = {}
        for i in range(0, len(new), BATCH):
            batch = new[i : i + BATCH]
            found.update(zip(batch, self._ready().tag(batch), strict=True))
        self._remember(found)
        return [found[text] if tag is None else tag for text, tag in zip(texts, tags, strict=True)]

    def tag_text(self, text: str, *, lines: Sequence[Span] | None = None) -> TextLanguages:
        """Return what languages *text* is in, line by line and as a whole.

        *lines* are the spans to look at; without them the text's own lines, ended by \\n, \\r\\n or \\r. Blank ones are
        left out, and the space around a line does not count to it. Mode document looks at the longest and returns none.
        """
        if whole := self.settings.mode == "document":
            if lines is not None:
                text, lines = "\n".join([span.of(text) for span in lines]), None
            longest = document.longest(text, document.LONGEST)
            part = document.TOGETHER // len(longest)
            if language := self._ready().together([line[:part] for line in longest]):
                return TextLanguages(NO_LINES, language, 1.0, None, "none", (), MappingProxyType(self.engines))
            text = "\n".join(longest)
        starts, ends, found = document.spans(text) if lines is None else document.trimmed(text, lines)
        quoted = [] if whole else list(document.quotations(text, starts, ends, self.settings.min_quote))
        tags = self.tag_lines([*found, *(span.of(text) for _, span in quoted)])
        tagged = document.in_company(Lines(starts, ends, tags[: len(found)]))
        language, confidence = document.vote(tagged)
        engines = self.engines
        second, agreement = None, "none"
        judge = document_engine(self.settings.langdetect_backend, self.settings.seed, quick=self.settings.quick)
        # Its opinion costs more than all the rest of a quick mode, which asks for it only where lines disagree.
        asked = self.settings.second_opinion and (not self.settings.quick or confidence < CLEAR_VOTE)
        if asked and judge is not None:
            second = self._opinion(judge, document.body(text, tagged))
            engines["langdetect"] = judge.version
            if second is not None and language not in document.NOT_NAMED and _knows(judge, language):
                agreement = "agree" if document.same(second[0], language) else "differ"
        quotes = self._foreign(tagged, quoted, tags[len(found) :])
        told = NO_LINES if whole else tagged
        return TextLanguages(told, language, confidence, second, agreement, quotes, MappingProxyType(engines))

    def _opinion(self, judge: Langdetect | LangdetectLines, text: str) -> tuple[str, float] | None:
        """Return the tag *judge* gives a text long enough to judge, and its probability."""
        text = gates.readable(text, document.BODY)
        ranked = judge(text).ranked if len(text) >= self.settings.min_body else ()
        if not ranked:
            return None
        code, share = ranked[0]
        return load().engine_codes.get(code, (code,))[0], round(share, 4)

    def _foreign(
        self, tagged: Lines, quoted: Sequence[tuple[int, Span]], tags: Sequence[Tag]
    ) -> tuple[LineLanguage, ...]:
        """Return the quotations inside lines that are surely in another language than the line."""
        return tuple(
            LineLanguage(span.start, span.end, *tag)
            for (i, span), tag in zip(quoted, tags, strict=True)
            if tag[1] >= self.settings.review_threshold
            and tag[0] not in document.NOT_NAMED
            and tagged.tags[i][0] not in document.NOT_NAMED
            and not document.same(tag[0], tagged.tags[i][0])
        )

    def _ready(self) -> _Judge:
        with self._lock:
            if self._judge is None:
                self._judge = _Judge(self.settings, self.tags)
            return self._judge

    def _remember(self, found: Mapping[str, Tag]) -> None:
        """Keep what was found for lines that come again; where they become too many, begin anew."""
        with self._lock:
            if len(self._cache) + len(found) > self.settings.cache_size:
                self._cache = {}
            self._cache.update(islice(found.items(), self.settings.cache_size))


@cache
def _knows(judge: Langdetect | LangdetectLines, language: str) -> bool:
    codes = load().engine_codes
    return any(document.same(tag, language) for code in judge.languages for tag in codes.get(code, ()))


@cache
def _letters(tags: tuple[str, ...]) -> Letters:
    return Letters(load(), tags)


@cache
def _words() -> WordsEngine:
    return WordsEngine(load().words)


class _Judge:
    """The tables and engines of one tagger, loaded."""

    def __init__(self, settings: LanguageSettings, tags: Sequence[str]) -> None:
        import numpy as np

        tables = load()
        self.settings, self.tags = settings, tuple(tags)
        self.engines = _chosen(settings)
        self.stages = _stages(settings, self.engines)
        self._names = tables.names
        self._letters = _letters(self.tags)
        self._words = _words()
        self._fusion = tables.fusion
        place = {tag: i for i, tag in enumerate(self.tags)}
        learned = {tag: i for i, tag in enumerate(self._words.languages)}
        self._word_columns = np.array([learned.get(tag, -1) for tag in self.tags])
        self.columns = {
            code: [place[tag] for tag in members if tag in place] for code, members in tables.engine_codes.items()
        }
        self._written = np.zeros((len(tables.scripts), len(self.tags)), np.float32)
        for tag, column in place.items():
            self._written[tables.scripts.index(tables.languages[tag].script), column] = 1
        for script, members in tables.also.items():
            for tag in members:
                if tag in place:
                    self._written[tables.scripts.index(script), place[tag]] = 1
        self._kana, self._han = tables.scripts.index("Jpan"), tables.scripts.index("Hani")
        self._worth = np.array([HEAVY if name in ("Hani", "Jpan", "Hang") else 1 for name in tables.scripts])
        self._groups: dict[int, tuple[Group, list[int]]] = {}
        for group in tables.siblings:
            if all(tag in place for tag in group.members):
                columns = [place[tag] for tag in group.members]
                self._groups.update((column, (group, columns)) for column in columns)
        self._grouped = np.array([column in self._groups for column in range(len(self.tags))])
        siblings = [columns for column, (_, columns) in self._groups.items() if column == columns[0]]
        self._siblings = _together(siblings)
        self._macros = _together([columns for columns in siblings if self._groups[columns[0]][0].macro])
        self._models: dict[tuple[str, ...], fusion.Model] = {}
        self._cld2 = self.engines.get("cld2") if settings.mode != "full" else None
        mode = "light" if settings.quick else settings.mode
        self._sure, self._least = self._fusion["sure"][mode], self._fusion["told"]["least"].get(mode, 1.0)
        self._kinds = [bisect_left(fusion.LENGTHS, letters) for letters in range(SAMPLE + 1)]
        self._alone: dict[tuple[Answer, int], Told | None] = {}
        together = {tag for group in tables.siblings if group.macro for tag in group.members}
        self._plain_codes = {
            code: self.tags[columns[0]]
            for code, columns in self.columns.items()
            if len(columns) == 1 and self.tags[columns[0]] not in together | set(tables.character_sets)
        }
        self._spellings: dict[str, Callable[[str], object]] = {}
        native, ask = twin("languages"), getattr(self._cld2, "quick", None) or self._cld2
        constants = (NOTHING, UNTOLD, NOT_LANGUAGE, UNKNOWN)
        self._native = native and native.Judge(self, ask, constants, SCRIPT_SHARE, ALTERNATIVE)

    def gate(self, text: str) -> tuple[str, Tag | None]:
        """Return the part of *text* that can be language, and the tag where no engine need be asked."""
        if self._native:
            found: tuple[str, Tag | None] = self._native.gate(text)
            return found
        line = gates.readable(text, self.settings.max_chars)
        if not gates.is_plain(line):
            if self.settings.gate_code and gates.looks_like_code(line):
                return "", NOT_LANGUAGE
            line = gates.without_addresses(line)
        if self.settings.gate_names and gates.only_names(line, self._names):
            return line, UNKNOWN
        return line, None

    def tag(self, texts: Sequence[str]) -> list[Tag]:
        """Return the tag of each of *texts*: by a gate, by cld2 alone where that settles it, or by all evidence."""
        tags, lines, answers = (self._native or self).settled(texts)
        found = iter(
            [
                tag
                for i in range(0, len(lines), WEIGHED)
                for tag in self.weighed(
                    lines[i : i + WEIGHED], {"cld2": answers[i : i + WEIGHED]} if self._cld2 else {}
                )
            ]
        )
        return [next(found) if tag is None else tag for tag in tags]

    def settled(self, texts: Sequence[str]) -> tuple[list[Tag | None], list[str], list[Answer]]:
        """Return the tag of each of *texts* that a gate or cld2 settles, else None; the lines left, and cld2's answers.

        A line that is left comes without its addresses.
        """
        tags: list[Tag | None] = []
        lines, answers = [], []
        cld2, least = self._cld2, self._least
        for text in texts:
            line, tag = self.gate(text)
            if tag is None:
                answer = cld2(line) if cld2 else NOTHING
                told = self.told(line, answer)
                if told is not None and told[0][1] >= least:
                    tag = told[0]
                elif not answer.ranked and not any(map(str.isalpha, line)):
                    tag = NOT_LANGUAGE
                else:
                    lines.append(line)
                    answers.append(answer)
            tags.append(tag)
        return tags, lines, answers

    def together(self, lines: Sequence[str]) -> str:
        """Return the language of *lines* where cld2 finds one in nearly all of them and the tag is sure, else ""."""
        if not self._cld2:
            return ""
        line = " ".join([line for line, tag in map(self.gate, lines) if tag is None])
        answer = self._cld2(line)
        told = self.told(line, answer)
        if told is not None:
            tag = told[0]
        elif _part(answer) >= CLEAR_VOTE:
            (tag,) = self.weighed([line], {"cld2": [answer]})
        else:
            return ""
        return tag[0] if tag[1] >= CLEAR_VOTE and tag[0] not in document.NOT_NAMED else ""

    def told(self, line: str, answer: Answer) -> Told | None:
        """Return the tag of a line for which cld2's *answer* is one language whose letters it has.

        With it, the class of length and the share it rests on. Like answers are worked out once.
        """
        if len(answer.ranked) != 1:
            return None
        code = answer.ranked[0][0]
        spelled = self._spellings.get(code) or self._spelling(code)
        sample = line[:SAMPLE]
        if not spelled(sample.lower()):
            return None
        letters = len(sample.encode().translate(None, _NO_LETTER))
        if letters < self.settings.min_letters:
            return None
        key = (answer, self._kinds[letters])
        found = self._alone.get(key, UNTOLD)
        if found is UNTOLD:
            found = self._alone[key] = self._by_answer(answer, self._plain_codes[code], key[1])
        return found

    def _by_answer(self, answer: Answer, tag: str, kind: int) -> Told | None:
        """Return what *answer* comes to for a line with letters of *tag* alone, or None where that leaves a doubt."""
        import numpy as np

        column = self.tags.index(tag)
        allowed = self._written[:, column] @ self._written > 0
        if allowed.sum() == 1:
            return self.unasked("", False, allowed), kind, 1.0
        ((_, part),), reliable = answer
        model, source = self.model("all", ("cld2",)), 0 if reliable else 1
        total = np.where(allowed, model.lean, fusion.OUTSIDE)
        total[column] += math.log(max(1, part / fusion.FLOOR)) * (
            model.weights[kind, 1 + source] + model.trust[column, source]
        )
        odds = np.exp(total - total.max())
        odds /= odds.sum()
        share, sure = float(odds[column]), self._fusion["sure"]["light"]
        if share < odds.max() or np.interp(share, model.shares[kind], model.right[kind]) < sure:
            return None
        # What foreign letters say against rivals is not seen here, so such shares have a table of their own.
        table = self._fusion["told"]
        right = float(np.interp(share, table["shares"][kind], table["right"][kind]))
        return self.answers([""], odds[None], [right], [False])[0], kind, share

    def _spelling(self, code: str) -> Callable[[str], object]:
        """Return what tells whether a line in lower case holds no letter foreign to the one language of *code*."""
        tag = self._plain_codes.get(code)
        self._spellings[code] = self._letters.spelling(self.tags.index(tag)) if tag else _never
        return self._spellings[code]

    def weighed(self, lines: Sequence[str], heard: Heard) -> list[Tag]:
        """Return the tag of each of *lines* by all there is to weigh."""
        if self._native:
            tags: list[Tag] = self._native.weighed(lines, heard)
            return tags
        import numpy as np

        measure = self._letters.measure(lines)
        allowed = self.allowed(measure.scripts)
        # A Han, kana or Hangul sign is a syllable or a word: one is enough.
        signs = (measure.scripts[:, self._worth > 1]).any(1)
        short = (measure.letters < self.settings.min_letters) & ~signs
        judged = (allowed.sum(1) > 1) & ~short
        rows = np.flatnonzero(judged)
        batch = Batch(lines, measure.letters, measure.foreign, allowed, heard)
        found = iter(self.judge(batch.rows(rows)) if len(rows) else ())
        return [
            next(found) if ask else self.unasked(line, few, allowed[i])
            for i, (ask, line, few) in enumerate(zip(judged.tolist(), lines, short.tolist(), strict=True))
        ]

    def unasked(self, line: str, few: bool, allowed: NDArray[np.bool_]) -> Tag:
        """Return the tag of a line that its letters settle: they are too few, or only one candidate writes them."""
        if few and not any(map(str.isalpha, line)):
            return NOT_LANGUAGE
        if few or not allowed.any():
            return UNKNOWN
        return self.spell(int(allowed.argmax())), self._fusion["script"], ()

    def allowed(self, scripts: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return which candidates the scripts of each line leave."""

        import numpy as np

        worth = scripts * self._worth
        present = (worth == worth.max(1, keepdims=True)) & (worth > 0)
        if scripts[:, self._worth > 1].any():
            present |= (self._worth > 1) & (worth > SCRIPT_SHARE * worth.sum(1, keepdims=True))
            # A line with kana is Japanese, and its Han signs are then no sign of Chinese.
            kana = (scripts[:, self._kana] > 0) & (present[:, self._kana] | present[:, self._han])
            present[kana, self._han] = False
            present[kana, self._kana] = True
        allowed: NDArray[np.bool_] = present.astype(np.float32) @ self._written > 0
        return allowed

    def judge(self, batch: Batch) -> list[Tag]:
        """Return the tag of each line of *batch*: the first sources for all, the next for lines they leave in doubt."""
        import numpy as np

        lengths = fusion.length_class(batch.letters)
        shares, confidence = np.zeros(batch.allowed.shape), np.zeros(len(lengths))
        features = -batch.foreign.astype(np.float64)[None]
        asked = rows = np.arange(len(lengths))
        for stage, after in zip(self.stages, [*self.stages[1:], None], strict=True):
            part = batch.rows(rows)
            features = np.concatenate([features, *(self.evidence(source, part) for source in stage.added)])
            model = self.model(stage.kind, stage.sources)
            shares[rows] = found = fusion.shares(features, lengths[rows], part.allowed, model)
            confidence[rows] = right = fusion.calibrate(self.merged(found, self._macros), lengths[rows], model)
            left = right < self._sure
            if after and after.kind == "all":
                left = (right < self._fusion["sure"]["early"]) | self._grouped[found.argmax(1)]
            features, asked, rows = features[:, left], rows, rows[left]
            if not len(rows):
                break
        # Siblings are told apart in doubt, those of a macro language always: there engines are sure and wrong.
        doubt = asked if stage.kind == "doubt" else rows
        if len(doubt):
            confidence[doubt] = fusion.calibrate(self.merged(shares[doubt], self._siblings), lengths[doubt], model)
        doubtful = np.zeros(len(confidence), bool)
        doubtful[doubt] = True
        return self.answers(batch.lines, shares, confidence.tolist(), doubtful.tolist())

    def answers(
        self, lines: Sequence[str], shares: NDArray[np.float64], confidence: list[float], doubtful: list[bool]
    ) -> list[Tag]:
        """Return the tag of each line, given what the evidence came to."""
        import numpy as np

        best = shares.argmax(1).tolist()
        named: dict[int, list[tuple[float, int]]] = {}
        for i, column in np.argwhere(shares >= ALTERNATIVE).tolist():
            if column != best[i]:
                named.setdefault(i, []).append((-float(shares[i, column]), column))
        out = []
        for i, column in enumerate(best):
            if column in self._groups and (doubtful[i] or self._groups[column][0].macro):
                out.append(self.among_siblings(lines[i], shares[i].tolist(), column, confidence[i]))
            else:
                out.append(self.answer(column, confidence[i], sorted(named.get(i, ()))))
        return out

    def merged(self, shares: NDArray[np.float64], groups: Together) -> NDArray[np.float64]:
        """Return the share of the likeliest candidate, the members of each of *groups* taken together."""
        import numpy as np

        best: NDArray[np.float64] = shares.max(1)
        columns, begins = groups
        return np.maximum(best, np.add.reduceat(shares[:, columns], begins, axis=1).max(1)) if columns else best

    def among_siblings(self, line: str, shares: list[float], column: int, confidence: float) -> Tag:
        """Return the tag for a line that is of a group of siblings: the likeliest, or the macro language."""
        group, columns = self._groups[column]
        before = [shares[c] for c in columns]
        within = group.weigh(line, before)
        for c, share in zip(columns, within, strict=True):
            shares[c] = share * sum(before)
        column = columns[within.index(max(within))]
        others = sorted((-share, c) for c, share in enumerate(shares) if share >= ALTERNATIVE and c != column)
        tag = self.answer(column, confidence * group.sure(max(within)), others)
        if tag[0] == "und" and group.macro and self.settings.macro_tags and confidence >= self.settings.min_confidence:
            return group.macro, round(confidence, 4), tuple(other for other in tag[2] if other != group.macro)
        return tag

    def answer(self, column: int, confidence: float, others: Sequence[tuple[float, int]]) -> Tag:
        """Return the tag for a candidate, or "und" where the confidence is too low to name it."""
        also = tuple(self.spell(other) for _, other in others)
        if confidence >= self.settings.min_confidence:
            return self.spell(column), round(confidence, 4), also
        return "und", round(confidence, 4), (self.spell(column), *also)

    def model(self, kind: str, sources: Sequence[str]) -> fusion.Model:
        key = (kind, *sources)
        if key not in self._models:
            self._models[key] = fusion.load_model(self._fusion[kind], sources, self.tags)
        return self._models[key]

    def ask(self, source: str, lines: Sequence[str]) -> Sequence[Answer]:
        """Return what the engine *source* says of each of *lines*."""
        return ask(self.engines[source], lines)

    def evidence(self, source: str, batch: Batch) -> NDArray[np.float64]:
        """Return what *source* says of each line and candidate: one table of the words engine, two of any other."""
        import numpy as np

        if source != WORDS:
            answers = batch.heard.get(source) or self.ask(source, batch.lines)
            return fusion.evidence(answers, self.columns, len(self.tags))
        odds = self._words.log_odds(batch.lines).astype(np.float64)
        odds = np.where(self._word_columns >= 0, odds[:, self._word_columns], 0.0)
        odds = np.where(batch.allowed, odds, -1e9)
        table: NDArray[np.float64] = np.maximum(odds - odds.max(1, keepdims=True), fusion.WORDS_FLOOR)
        return table[None]

    def spell(self, column: int) -> str:
        tag = self.tags[column]
        return tag if self.settings.zh_script or not tag.startswith("zh-") else "zh"


@dataclass(frozen=True)
class Batch:
    """Lines that engines are asked about, with what their letters tell."""

    lines: Sequence[str]
    letters: NDArray[np.int32]
    foreign: NDArray[np.float32]
    allowed: NDArray[np.bool_]
    heard: Heard  # what engines have said already

    def rows(self, rows: NDArray[np.int64]) -> Batch:
        if len(rows) == len(self.lines):
            return self
        lines = [self.lines[i] for i in rows.tolist()]
        heard = {source: [answers[i] for i in rows.tolist()] for source, answers in self.heard.items()}
        return Batch(lines, self.letters[rows], self.foreign[rows], self.allowed[rows], heard)


class Stage(NamedTuple):
    """Sources that are asked about the lines those before them left in doubt."""

    kind: str  # of the model: "all" where it was fitted on lines of every kind, "doubt" on those left in doubt
    sources: tuple[str, ...]  # all that have spoken then
    added: tuple[str, ...]  # those asked now


WORDS = "words"  # the engine of our own, always there
QUICK = ("cld2", "fasttext")
ARBITERS = ("py3langid", "langdetect")


def _part(answer: Answer) -> float:
    """Return the part of a text that *answer* says is in the first of its languages, in whatever script."""
    return sum(share for code, share in answer.ranked if document.same(code, answer.ranked[0][0]))


def _never(_: str) -> None:
    """Say of every line that it is not spelled so."""


def _together(groups: Sequence[Sequence[int]]) -> Together:
    """Return the columns of all *groups* one after another, and where each group begins."""
    begins = accumulate((len(columns) for columns in groups[:-1]), initial=0)
    return [column for columns in groups for column in columns], list(begins)


def _chosen(settings: LanguageSettings) -> dict[str, Engine]:
    """Return the engines that *settings* let speak about lines and that are installed."""
    names = settings.engines
    if settings.mode == "full":
        return line_engines(names, settings.langdetect_backend, settings.seed)
    found = line_engines([n for n in names if n in QUICK], settings.langdetect_backend, settings.seed)
    wanted = 1 if settings.quick else len(QUICK)
    quick = dict(list(found.items())[:wanted])
    if settings.quick and quick:
        return quick
    for name in names:
        if name in ARBITERS:
            arbiter = line_engines([name], settings.langdetect_backend, settings.seed)
            if arbiter:
                return quick | arbiter
    return quick


def _stages(settings: LanguageSettings, engines: Mapping[str, Engine]) -> list[Stage]:
    """Return the sources asked about every line that is weighed, then those asked in doubt."""
    names = tuple(name for name in ENGINES if name in engines)
    if settings.mode == "full":
        return [Stage("all", (WORDS, *names), (WORDS, *names))]
    quick = tuple(name for name in names if name in QUICK)
    slow = tuple(name for name in names if name not in QUICK)
    if settings.quick and quick:
        return [Stage("all", (WORDS, *quick), (WORDS, *quick))]
    first = (WORDS, *quick[:1])
    stages = [Stage("all", first, first)]
    if more := quick[1:]:
        stages.append(Stage("all", (*first, *more), more))
    if slow:
        stages.append(Stage("doubt", (WORDS, *quick, *slow), slow))
    return stages
