# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What the language layer does with every line and every character: twins of functions in `siglum.language`.

Each names its twin, which says what is worked out and why.
"""

from cpython.unicode cimport (
    Py_UNICODE_ISALNUM,
    Py_UNICODE_ISALPHA,
    Py_UNICODE_ISPRINTABLE,
    Py_UNICODE_ISSPACE,
    PyUnicode_DATA,
    PyUnicode_FindChar,
    PyUnicode_KIND,
    PyUnicode_READ,
    PyUnicode_Substring,
)
from libc.math cimport exp, log
from libc.stdint cimport int8_t, int32_t, uint8_t, uint16_t, uint64_t
from libc.string cimport memset

from siglum.native.blanks cimport strip

from bisect import insort

cdef enum:  # tests hold these against the Python
    KINDS = 64  # most scripts, and candidates, there is room for below
    WIDTH = 512
    ROWS = 512  # of letters that are foreign to the same languages
    SAMPLE = 160
    LAST = 0x20000
    BMP = 0x10000
    CAP = 3
    READ = 64
    LETTERS = 256  # room for them in lower case, with spaces
    LONGEST_NAMES = 80
    SCALE = 16

cdef enum:  # what a sign of ASCII may be to the gates
    PLAIN = 0
    UNPRINTABLE = 1
    SUSPECT = 2
    CODE = 4


# ---- lines


def spans(str text):
    """Twin of `siglum.language.document.spans`."""
    text = text.replace("\r", "\n")
    cdef int kind = PyUnicode_KIND(text)
    cdef const void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t size = len(text), begin = 0, end, first, last
    cdef list starts = [], ends = [], found = []
    while begin < size:
        end = PyUnicode_FindChar(text, u"\n", begin, size, 1)
        if end < 0:
            end = size
        first, last = begin, end
        strip(kind, data, &first, &last)
        if first < last:
            starts.append(first)
            ends.append(last)
            found.append(PyUnicode_Substring(text, first, last))
        begin = end + 1
    return starts, ends, found


def longest(str text, int count):
    """Twin of `siglum.language.document.longest`."""
    text = text.replace("\r", "\n")
    cdef Py_ssize_t size = len(text), begin = 0, end, least = -1
    cdef list found = []  # (-size, begin), the longest first; of lines of one size the first comes first
    while begin <= size:
        end = PyUnicode_FindChar(text, u"\n", begin, size, 1)
        if end < 0:
            end = size
        if end - begin > least:
            insort(found, (begin - end, begin))
            if len(found) > count:
                found.pop()
            if len(found) == count:
                least = -<Py_ssize_t> found[count - 1][0]
        begin = end + 1
    return [text[at : at - short] for at, short in sorted([(at, short) for short, at in found])]


cdef int see_lengths(starts, ends, tags) except -1:
    if not len(starts) == len(ends) == len(tags):
        raise ValueError("columns must be of one length")
    return 0


cdef int add_weight(dict found, tuple tag, Py_ssize_t size) except -1:
    """Add to *found* what a line of *size* code points says for its language: as much as it is sure of it."""
    found[tag[0]] = <double> found.get(tag[0], 0.0) + size * <double> tag[1]
    return 0


def weights(starts, ends, tags):
    """Twin of `siglum.language.document.weights`."""
    cdef dict found = {}
    cdef Py_ssize_t i
    see_lengths(starts, ends, tags)
    for i in range(len(tags)):
        add_weight(found, tags[i], <Py_ssize_t> ends[i] - <Py_ssize_t> starts[i])
    return found


def sides(starts, ends, tags, Py_ssize_t body_line, double sure):
    """Twin of `siglum.language.document.sides`."""
    cdef dict body = {}, company = {}
    cdef list doubtful = []
    cdef Py_ssize_t i, size
    cdef tuple tag
    see_lengths(starts, ends, tags)
    for i in range(len(tags)):
        tag = tags[i]
        size = <Py_ssize_t> ends[i] - <Py_ssize_t> starts[i]
        if size >= body_line:
            add_weight(body, tag, size)
        elif <double> tag[1] >= sure:
            company[tag[0]] = <int> company.get(tag[0], 0) + 1
        elif tag[2]:
            doubtful.append(i)
    return body, company, doubtful


# ---- gates


cdef uint8_t _SIGNS[128]


cdef void _sort_signs() except *:
    cdef int code
    for code in range(128):
        sign = chr(code)
        if not sign.isprintable():
            _SIGNS[code] = UNPRINTABLE
        else:
            _SIGNS[code] = SUSPECT | CODE if sign in "0123456789(.:&|/{};=<>$_[\\@#~" else PLAIN


_sort_signs()


cdef inline bint is_letter(Py_UCS4 sign) noexcept:
    return (u"a" <= sign <= u"z") or (u"A" <= sign <= u"Z")


cdef inline bint is_word(Py_UCS4 sign) noexcept:
    return sign == u"_" or Py_UNICODE_ISALNUM(sign)


cdef inline bint is_suspect(Py_UCS4 sign, Py_UCS4 before, Py_UCS4 after) noexcept:
    """Tell whether `_SUSPECT` of the gates finds *sign* between the two others."""
    if sign == u"." or sign == u":":
        return is_letter(after) or after == u"/"
    if u"0" <= sign <= u"9":
        return is_letter(after) or is_letter(before) or before == u"-"
    return sign in u"_@#/\\~"


cdef inline bint is_code(Py_UCS4 sign, Py_UCS4 before, Py_UCS4 after) noexcept:
    """Tell whether `_CODE_MARK` of the gates finds *sign* between the two others."""
    if sign == u"(":
        return is_word(before)
    if sign == u".":
        return is_word(before) and is_word(after)
    if sign == u":" or sign == u"&" or sign == u"|":
        return after == sign
    if sign == u"/":
        return after == u"*"
    return sign in u"{};=<>$_[\\"


cdef int signs_of(str text) noexcept:
    """Return which of UNPRINTABLE, SUSPECT and CODE the signs of *text* amount to, added up."""
    cdef int kind = PyUnicode_KIND(text), found = 0
    cdef const void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t size = len(text), i
    cdef Py_UCS4 sign, before, after
    for i in range(size):
        sign = PyUnicode_READ(kind, data, i)
        if sign >= 128:
            if not Py_UNICODE_ISPRINTABLE(sign):
                found |= UNPRINTABLE
        elif _SIGNS[sign] != PLAIN:
            before = PyUnicode_READ(kind, data, i - 1) if i else u" "
            after = PyUnicode_READ(kind, data, i + 1) if i + 1 < size else u" "
            if _SIGNS[sign] == UNPRINTABLE:
                found |= UNPRINTABLE
            if is_suspect(sign, before, after):
                found |= SUSPECT
            if is_code(sign, before, after):
                found |= CODE
    return found


cdef class Gates:
    """Twins of functions of `siglum.language.gates`."""

    cdef object readable, looks_like_code, only_names, is_address
    cdef frozenset names
    cdef str around

    def __init__(self, names):
        from siglum.language import gates

        self.readable, self.looks_like_code, self.only_names = gates.readable, gates.looks_like_code, gates.only_names
        self.is_address, self.around, self.names = gates.is_address, gates.AROUND, names

    cdef str without_addresses(self, str text):
        return " ".join([word for word in text.split() if not (signs_of(word) & SUSPECT and self.is_address(word))])

    cdef bint are_names(self, str line) except -1:
        """Twin of `only_names`: its first word settles nearly every line."""
        cdef int kind = PyUnicode_KIND(line)
        cdef const void *data = PyUnicode_DATA(line)
        cdef Py_ssize_t size = len(line), first = 0, last
        if size > LONGEST_NAMES:
            return False
        while first < size and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, first)):
            first += 1
        last = first
        while last < size and not Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, last)):
            last += 1
        while first < last and <Py_UCS4> PyUnicode_READ(kind, data, first) in self.around:
            first += 1
        while last > first and <Py_UCS4> PyUnicode_READ(kind, data, last - 1) in self.around:
            last -= 1
        if first == last or (<str> PyUnicode_Substring(line, first, last)).lower() not in self.names:
            return False
        return self.only_names(line, self.names)


# ---- letters


cdef struct Seen:
    int scripts[KINDS]  # the first counts what is no letter
    int letters


cdef class Letters:
    """Twin of `siglum.language.letters.Letters`, of which it takes the tables."""

    cdef const uint8_t[::1] script
    cdef const uint16_t[::1] row
    cdef const int8_t[:, ::1] lacks
    cdef const int32_t[::1] worth
    cdef int kinds, rows, width

    def __init__(self, script, row, lacks, worth):
        self.script, self.row, self.lacks, self.worth = script, row, lacks, worth
        self.kinds, (self.rows, self.width) = len(worth), lacks.shape
        if self.kinds > KINDS or self.rows > ROWS or self.width > WIDTH:
            raise ValueError("more scripts or languages than there is room for")

    def measure(self, texts, int32_t[::1] letters, int32_t[:, ::1] scripts, float[:, ::1] foreign):
        """Twin of `Letters.measure`: fills the arrays, a row for each of *texts*; *foreign* is all zeros."""
        cdef Py_ssize_t i, n
        cdef Seen seen
        cdef str sample
        for i in range(len(texts)):
            sample = (<str> texts[i])[:SAMPLE].lower()
            self.see(sample, &seen)
            letters[i] = seen.letters
            for n in range(1, self.kinds):
                scripts[i, n - 1] = seen.scripts[n]
            self.see_foreign(sample, &foreign[i, 0])

    cdef void see(self, str sample, Seen *seen) noexcept:
        cdef int kind = PyUnicode_KIND(sample)
        cdef const void *data = PyUnicode_DATA(sample)
        cdef Py_ssize_t i
        cdef int n
        memset(seen, 0, sizeof(Seen))
        for i in range(len(sample)):
            seen.scripts[self.script[min(<int> PyUnicode_READ(kind, data, i), LAST)]] += 1
        for n in range(self.kinds):
            seen.letters += seen.scripts[n] * self.worth[n]

    cdef void see_foreign(self, str sample, float *foreign) noexcept:
        """Count the letters each language does not write, at most CAP; *foreign* is all zeros."""
        cdef int kind = PyUnicode_KIND(sample)
        cdef const void *data = PyUnicode_DATA(sample)
        cdef int times[ROWS]
        cdef Py_ssize_t i
        cdef int n, row
        memset(times, 0, sizeof(times))
        for i in range(len(sample)):
            times[self.row[min(<int> PyUnicode_READ(kind, data, i), LAST)]] += 1
        for row in range(1, self.rows):
            if times[row]:
                for n in range(self.width):
                    foreign[n] += times[row] * self.lacks[row, n]
        for n in range(self.width):
            foreign[n] = min(foreign[n], <float> CAP)

    def spells(self, str sample not None, int own, int column):
        """Tell whether *sample* holds letters of the script *own* alone, none foreign to the language of *column*."""
        if not 0 <= column < self.width:
            raise IndexError(f"language {column} of {self.width}")
        return self.is_spelling(sample, own, column)

    cdef bint is_spelling(self, str sample, int own, int column) noexcept:
        """Twin of what `Letters.spelling` of *column* returns, asked of *sample*."""
        cdef int kind = PyUnicode_KIND(sample), script
        cdef const void *data = PyUnicode_DATA(sample)
        cdef Py_UCS4 sign
        cdef Py_ssize_t i
        for i in range(len(sample)):
            sign = PyUnicode_READ(kind, data, i)
            if sign >= BMP:
                return False
            script = self.script[sign]
            if script and (script != own or self.lacks[self.row[sign], column]):
                return False
        return True


# ---- words


cdef enum:
    ASK, WORD, NO_WORD


cdef class Words:
    """Twin of `siglum.language.words.WordsEngine`, of which it takes the tables."""

    cdef const uint64_t[::1] keys
    cdef const int32_t[::1] slots
    cdef const int8_t[:, ::1] odds
    cdef bytearray told  # of each code point, whether it stands in words; asked when it is first met
    cdef uint8_t *is_word
    cdef object no_word
    cdef uint64_t base, word_salt
    cdef int shift, width

    def __init__(self, keys, slots, odds):
        from siglum.language import words

        self.keys, self.slots, self.odds = keys, slots, odds
        self.width, self.shift = odds.shape[1], 64 - words.SLOT_BITS
        self.told = bytearray(0x110000)
        self.is_word = self.told
        self.base, self.word_salt, self.no_word = words._BASE, words._WORD_SALT, words._NOT_WORD.match
        if self.width > WIDTH or words.ORDERS != (1, 3):
            raise ValueError("another model than this is made for")

    def log_odds(self, texts, float[:, ::1] out):
        """Twin of `WordsEngine.log_odds`: fills *out*, a row for each of *texts*."""
        cdef Py_ssize_t i
        for i in range(len(texts)):
            self.add_up(texts[i], &out[i, 0])

    cdef int add_up(self, str text, float *out) except -1:
        cdef int32_t sums[WIDTH]
        cdef uint64_t codes[LETTERS]
        cdef uint64_t keys[3 * LETTERS]
        cdef int32_t slots[3 * LETTERS]
        cdef const int8_t *row
        cdef int n, i, found = self.find_keys(codes, self.normal(text[:READ].lower(), codes), keys)
        memset(sums, 0, self.width * sizeof(int32_t))
        # One table after the other: the processor then waits for many places of memory at once.
        for i in range(found):
            slots[i] = self.slots[keys[i] >> self.shift]
        for i in range(found):
            if self.keys[slots[i]] != keys[i]:
                slots[i] = 0
        for i in range(found):
            if slots[i]:
                row = &self.odds[slots[i], 0]
                for n in range(self.width):
                    sums[n] += row[n]
        for n in range(self.width):
            out[n] = sums[n] / <float> SCALE

    cdef int normal(self, str text, uint64_t *codes) except -1:
        """Twin of `siglum.language.words.normal`, for *text* cut and in lower case. Returns the number of codes."""
        cdef int kind = PyUnicode_KIND(text), size = 1, known
        cdef const void *data = PyUnicode_DATA(text)
        cdef Py_UCS4 sign
        cdef Py_ssize_t i
        codes[0] = 32
        for i in range(min(len(text), LETTERS - 2)):
            sign = PyUnicode_READ(kind, data, i)
            known = self.is_word[sign]
            if known == ASK:
                known = self.is_word[sign] = NO_WORD if self.no_word(chr(sign)) else WORD
            if known == WORD:
                codes[size] = sign
                size += 1
            elif codes[size - 1] != 32:
                codes[size] = 32
                size += 1
        if codes[size - 1] != 32:
            codes[size] = 32
            size += 1
        return size

    cdef int find_keys(self, const uint64_t *codes, int size, uint64_t *keys) noexcept:
        """Set the keys of the runs of one and of three letters, and of the words, of *codes*; return how many."""
        cdef uint64_t word = 0, power = 1, base = self.base
        cdef int i, found = 0
        for i in range(size):
            if codes[i] == 32:
                if i and codes[i - 1] != 32:
                    keys[found] = mix(word ^ self.word_salt)
                    found += 1
                word, power = 0, 1
                continue
            word += codes[i] * power
            power *= base
            keys[found] = mix(base + codes[i])
            # A letter has something before it and after it: each text begins and ends with a space.
            keys[found + 1] = mix(((3 * base + codes[i - 1]) * base + codes[i]) * base + codes[i + 1])
            found += 2
        return found


cdef inline uint64_t mix(uint64_t key) noexcept:
    key = (key ^ (key >> 31)) * <uint64_t> 0xBF58476D1CE4E5B9
    return (key ^ (key >> 29)) * <uint64_t> 0x94D049BB133111EB


# ---- judging


cdef class Cld2:
    """Twin of `siglum.language.engines.Cld2.__call__`: *made* are the answers given before, *make* makes a new one."""

    cdef object detect, errors, make, nothing
    cdef dict made
    cdef tuple options

    def __init__(self, detect, options, errors, made, make, nothing):
        self.detect, self.options, self.errors = detect, options, errors
        self.made, self.make, self.nothing = made, make, nothing

    def __call__(self, str text):
        cdef tuple told, found, first, second, third
        try:
            told = self.detect(text, *self.options)
        except self.errors:
            return self.nothing
        found = told[2]
        first, second, third = found
        key = (told[0], first[1], first[2], second[1], second[2], third[1], third[2])
        answer = self.made.get(key)
        return self.make(key) if answer is None else answer


cdef class Model:
    """What `siglum.language.fusion.Model` holds, as C reads it."""

    cdef const double[:, ::1] weights, trust
    cdef const double[::1] lean, knots, right
    cdef Py_ssize_t of_kind  # knots of one class of length

    def __init__(self, model):
        self.weights, self.trust, self.lean = model.weights, model.trust, model.lean
        self.of_kind = model.shares.shape[1]
        self.knots, self.right = model.knots, model.right.ravel()

    cdef double calibrate(self, double share, int kind) noexcept:
        """Twin of `siglum.language.fusion.calibrate`, as numpy interpolates."""
        cdef Py_ssize_t at = kind * self.of_kind, last = self.knots.shape[0] - 1
        cdef double place = share + 2.0 * kind
        while at < last and self.knots[at + 1] <= place:
            at += 1
        if at == last or self.knots[at] == place:
            return self.right[at]
        return (self.right[at + 1] - self.right[at]) / (self.knots[at + 1] - self.knots[at]) * (
            place - self.knots[at]
        ) + self.right[at]


cdef class Batch:
    """Lines that are weighed: twin of `siglum.language.tagger.Batch`, with what they come to."""

    cdef list lines
    cdef dict heard  # of a source that has spoken, its answers, one for each line; None for a line that was not asked
    cdef double[:, ::1] words, shares
    cdef float[:, ::1] foreign
    cdef uint8_t[:, ::1] allowed
    cdef int32_t[::1] kinds

    def __init__(self, list lines, int width):
        import numpy as np

        size = (len(lines), width)
        self.lines, self.heard = lines, {}
        self.words, self.shares, self.foreign = np.empty(size), np.empty(size), np.zeros(size, np.float32)
        self.allowed, self.kinds = np.zeros(size, np.uint8), np.empty(size[0], np.int32)


cdef class Judge:
    """Twin of parts of `siglum.language.tagger._Judge`, of which it takes the tables."""

    cdef object judge, ask, nothing, untold, not_language, unknown
    cdef Letters letters
    cdef Gates gates
    cdef dict alone, columns
    cdef list own, by_script, spelled
    cdef const float[:, ::1] written
    cdef int[KINDS] heavy
    cdef int[SAMPLE + 1] kind_of
    cdef bint gate_code, gate_names
    cdef int scripts, width, kana, han, min_letters, max_chars
    cdef int[WIDTH] group_of, of_macro, word_columns
    cdef double least, script_share, alternative, min_confidence, sure, early
    cdef double floor, outside, share_floor
    cdef Words words
    cdef dict by_code, models

    def __init__(self, judge, ask, constants, script_share, alternative):
        from siglum.language import fusion

        cdef int n
        settings = judge.settings
        self.judge, self.ask, self.models = judge, ask, {}
        self.gate_code, self.gate_names = settings.gate_code, settings.gate_names
        self.nothing, self.untold, self.not_language, self.unknown = constants
        self.letters = judge._letters.native
        self.gates = Gates(judge._names)
        self.written = judge._written
        self.scripts, self.width = judge._written.shape
        self.kana, self.han = judge._kana, judge._han
        for n in range(self.scripts):
            self.heavy[n] = judge._worth[n]
        for n in range(SAMPLE + 1):
            self.kind_of[n] = judge._kinds[n]
        self.min_letters, self.max_chars = settings.min_letters, settings.max_chars
        self.min_confidence, self.least = settings.min_confidence, judge._least
        self.script_share, self.alternative = script_share, alternative
        self.alone = judge._alone
        place = {tag: n for n, tag in enumerate(judge.tags)}
        self.columns = {code: place[tag] for code, tag in judge._plain_codes.items()}
        self.own = judge._letters.own
        self.spelled = [judge.spell(n) for n in range(self.width)]
        self.by_script = [(tag, judge._fusion["script"], ()) for tag in self.spelled]
        self.words, self.by_code = judge._words.native, judge.columns
        self.floor, self.outside, self.share_floor = fusion.WORDS_FLOOR, fusion.OUTSIDE, fusion.FLOOR
        self.sure, self.early = judge._sure, judge._fusion["sure"]["early"]
        groups = list({id(columns): columns for _, columns in judge._groups.values()}.values())
        for n in range(self.width):
            self.word_columns[n] = judge._word_columns[n]
            self.group_of[n] = groups.index(judge._groups[n][1]) if n in judge._groups else -1
            self.of_macro[n] = n in judge._groups and bool(judge._groups[n][0].macro)

    cpdef tuple gate(self, str text):
        """Twin of `_Judge.gate`."""
        cdef str line = text[:self.max_chars]
        cdef int signs = signs_of(line)
        if signs & UNPRINTABLE:
            line = self.gates.readable(line, self.max_chars)
            signs = signs_of(line)
        if signs & CODE and self.gate_code and self.gates.looks_like_code(line):
            return "", self.not_language
        if signs & SUSPECT:
            line = self.gates.without_addresses(line)
        return line, self.unknown if self.gate_names and self.gates.are_names(line) else None

    def settled(self, texts):
        """Twin of `_Judge.settled`; cld2 is not asked about lines on which its answer would have no say."""
        cdef list tags = [], lines = [], answers = []
        cdef str text, line, sample
        cdef int telling
        cdef Seen seen
        for text in texts:
            line, tag = self.gate(text)
            if tag is None:
                sample = line[:SAMPLE]
                telling = count_telling(sample)
                sample = sample.lower()
                self.letters.see(sample, &seen)
                tag = self.by_letters(line, &seen, telling)
                if tag is None:
                    answer = self.nothing if self.ask is None else self.ask(line)
                    tag = self.told(sample, telling, <tuple> answer)
                    if tag is None:
                        if not (<tuple> answer)[0] and not has_letter(line):
                            tag = self.not_language
                        else:
                            lines.append(line)
                            answers.append(answer)
            tags.append(tag)
        return tags, lines, answers

    cdef object by_letters(self, str line, Seen *seen, int telling):
        """Return the tag where the letters settle it whatever an engine says, else None: what `weighed` makes of it."""
        cdef uint8_t allowed[WIDTH]
        cdef int column = 0
        if seen.letters < self.min_letters and not self.has_signs(seen):
            if telling >= self.min_letters:
                return None
            return self.unknown if has_letter(line) else self.not_language
        if self.leave(seen, allowed, 2) != 1 or not has_letter(line):
            return None
        while not allowed[column]:
            column += 1
        return self.by_script[column]

    cdef bint has_signs(self, Seen *seen) noexcept:
        cdef int n
        for n in range(self.scripts):
            if self.heavy[n] > 1 and seen.scripts[n + 1]:
                return True
        return False

    cdef void see_scripts(self, const Seen *seen, bint *present) noexcept:
        """Tell which scripts have a say in a line: first half of `_Judge.allowed`."""
        cdef int worth[KINDS]
        cdef int n, most = 0, every = 0
        memset(worth, 0, sizeof(worth))
        for n in range(self.scripts):
            worth[n] = seen.scripts[n + 1] * self.heavy[n]
            most = max(most, worth[n])
            every += worth[n]
        for n in range(self.scripts):
            present[n] = worth[n] > 0 and (
                worth[n] == most or (self.heavy[n] > 1 and worth[n] > self.script_share * every)
            )
        if worth[self.kana] and (present[self.kana] or present[self.han]):
            present[self.han], present[self.kana] = False, True

    cdef int leave(self, const Seen *seen, uint8_t *allowed, int enough) noexcept:
        """Set which candidates the scripts of a line leave, until there are *enough*; return how many."""
        cdef bint present[KINDS]
        cdef int n, column, found = 0
        memset(present, 0, sizeof(present))
        memset(allowed, 0, self.width)
        self.see_scripts(seen, present)
        for n in range(self.scripts):
            if present[n]:
                for column in range(self.width):
                    if self.written[n, column] and not allowed[column]:
                        allowed[column] = True
                        found += 1
                        if found == enough:
                            return found
        return found

    cdef object told(self, str sample, int telling, tuple answer):
        """Twin of `_Judge.told`, for a *sample* in lower case; None also where it is not sure enough."""
        cdef object ranked = answer[0]
        if len(ranked) != 1:
            return None
        code = ranked[0][0]
        column = self.columns.get(code)
        if column is None or telling < self.min_letters:
            return None
        if not self.letters.is_spelling(sample, self.own[column], column):
            return None
        key = (answer, self.kind_of[telling])
        found = self.alone.get(key, self.untold)
        if found is self.untold:
            found = self.alone[key] = self.judge._by_answer(answer, self.judge._plain_codes[code], key[1])
        if found is None or <double> found[0][1] < self.least:
            return None
        return found[0]

    def weighed(self, list lines, heard):
        """Twin of `_Judge.weighed`."""
        import numpy as np

        cdef Batch batch = Batch(lines, self.width)
        cdef list tags = [None] * len(lines), rows = []
        cdef Seen seen
        cdef Py_ssize_t i
        cdef int choices, few
        cdef str sample
        for i in range(len(lines)):
            sample = (<str> lines[i])[:SAMPLE].lower()
            self.letters.see(sample, &seen)
            choices = self.leave(&seen, &batch.allowed[i, 0], self.width + 1)
            few = seen.letters < self.min_letters and not self.has_signs(&seen)
            if few or choices < 2:
                tags[i] = self.judge.unasked(lines[i], few, np.asarray(batch.allowed[i], bool))
                continue
            self.letters.see_foreign(sample, &batch.foreign[i, 0])
            batch.kinds[i] = self.kind_of[min(seen.letters, SAMPLE)]
            rows.append(i)
        if rows:
            batch.heard.update(heard)
            self.weigh(batch, rows, tags)
        return tags

    cdef int weigh(self, Batch batch, list rows, list tags) except -1:
        """Twin of `_Judge.judge`: sets the tag of each of *rows*."""
        cdef list asked = rows, every = rows, left, confidence = [0.0] * len(tags)
        cdef set doubtful
        cdef Model model
        cdef int column, i
        cdef double right
        cdef bint doubt
        stages = self.judge.stages
        for n, stage in enumerate(stages):
            for source in stage.added:
                self.hear(source, batch, rows)
            model = self.model(stage)
            early = n + 1 < len(stages) and stages[n + 1].kind == "all"
            left = []
            for i in rows:
                self.add_up(batch, i, stage.sources, model)
                right = model.calibrate(self.merged(&batch.shares[i, 0], True), batch.kinds[i])
                confidence[i] = right
                if early:
                    doubt = right < self.early or self.group_of[self.best(&batch.shares[i, 0])] >= 0
                else:
                    doubt = right < self.sure
                if doubt:
                    left.append(i)
            asked, rows = rows, left
            if not rows:
                break
        # Siblings are told apart in doubt.
        left = asked if stage.kind == "doubt" else rows
        for i in left:
            confidence[i] = model.calibrate(self.merged(&batch.shares[i, 0], False), batch.kinds[i])
        doubtful = set(left)
        for i in every:
            tags[i] = self.answered(batch.lines[i], &batch.shares[i, 0], confidence[i], i in doubtful)

    cdef Model model(self, stage):
        key = stage[:2]
        found = self.models.get(key)
        if found is None:
            found = self.models[key] = Model(self.judge.model(*key))
        return found

    cdef int hear(self, source, Batch batch, list rows) except -1:
        """Twin of `_Judge.evidence`: let *source* speak about *rows*."""
        cdef float odds[WIDTH]
        cdef double most, value
        cdef int i, n
        if source != "words":
            if source not in batch.heard:
                answers = [None] * len(batch.lines)
                for i, answer in zip(rows, self.judge.ask(source, [batch.lines[i] for i in rows])):
                    answers[i] = answer
                batch.heard[source] = answers
            return 0
        for i in rows:
            self.words.add_up(batch.lines[i], odds)
            most = -1e9
            for n in range(self.width):
                if batch.allowed[i, n]:
                    value = odds[self.word_columns[n]] if self.word_columns[n] >= 0 else 0.0
                    batch.words[i, n] = value
                    most = max(most, value)
            for n in range(self.width):
                batch.words[i, n] = max(batch.words[i, n] - most, self.floor) if batch.allowed[i, n] else self.floor

    cdef int add_up(self, Batch batch, int i, sources, Model model) except -1:
        """Twin of `siglum.language.fusion.shares`, for one line."""
        cdef const double *weights = &model.weights[batch.kinds[i], 0]
        cdef double *total = &batch.shares[i, 0]
        cdef double most, nothing, sum = 0
        cdef int n, feature = 0
        for n in range(self.width):
            total[n] = -batch.foreign[i, n] * weights[0] + model.lean[n]
        for source in sources:
            feature += 1
            if source == "words":
                for n in range(self.width):
                    total[n] += batch.words[i, n] * (weights[feature] + model.trust[n, feature - 1])
            else:
                self.add_answer(<tuple> batch.heard[source][i], total, weights, feature, model)
                feature += 1
        most = self.outside
        for n in range(self.width):
            if not batch.allowed[i, n]:
                total[n] = self.outside
            most = max(most, total[n])
        nothing = exp(self.outside - most)
        for n in range(self.width):
            total[n] = exp(total[n] - most) if batch.allowed[i, n] else nothing
            sum += total[n]
        for n in range(self.width):
            total[n] /= sum

    cdef int add_answer(self, tuple answer, double *total, const double *weights, int feature, Model model) except -1:
        """Add to *total* what `siglum.language.fusion.evidence` makes of an engine's answer."""
        cdef double said[WIDTH]
        cdef double share
        cdef int n
        memset(said, 0, self.width * sizeof(double))
        for code, part in answer[0]:
            share = part
            if share > self.share_floor:
                for column in self.by_code.get(code, ()):
                    n = column
                    said[n] = max(said[n], log(share / self.share_floor))
        feature += not answer[1]
        for n in range(self.width):
            if said[n] > 0:
                total[n] += said[n] * (weights[feature] + model.trust[n, feature - 1])

    cdef double merged(self, const double *shares, bint macros_only) noexcept:
        """Twin of `_Judge.merged`."""
        cdef double sums[WIDTH]
        cdef double best = 0
        cdef int n
        memset(sums, 0, self.width * sizeof(double))
        for n in range(self.width):
            best = max(best, shares[n])
            if self.group_of[n] >= 0 and (self.of_macro[n] or not macros_only):
                sums[self.group_of[n]] += shares[n]
        for n in range(self.width):
            best = max(best, sums[n])
        return best

    cdef int best(self, const double *shares) noexcept:
        cdef int n, column = 0
        for n in range(1, self.width):
            if shares[n] > shares[column]:
                column = n
        return column

    cdef object answered(self, line, const double *shares, double confidence, bint doubtful):
        """Twin of `_Judge.answers`, for one line."""
        cdef int column = self.best(shares), n
        cdef list others = []
        if self.group_of[column] >= 0 and (doubtful or self.of_macro[column]):
            return self.judge.among_siblings(line, [shares[n] for n in range(self.width)], column, confidence)
        for n in range(self.width):
            if n != column and shares[n] >= self.alternative:
                others.append((-shares[n], n))
        others.sort()
        return self.answer(column, confidence, others)

    cdef tuple answer(self, int column, confidence, list others):
        """Twin of `_Judge.answer`."""
        also = tuple([self.spelled[<int> (<tuple> other)[1]] for other in others])
        if <double> confidence >= self.min_confidence:
            return (self.spelled[column], round(confidence, 4), also)
        return ("und", round(confidence, 4), (self.spelled[column], *also))


cdef int count_telling(str sample) noexcept:
    """Count the letters of *sample* as `_Judge.told` does: those of ASCII, and all signs beyond it."""
    cdef int kind = PyUnicode_KIND(sample), found = 0
    cdef const void *data = PyUnicode_DATA(sample)
    cdef Py_UCS4 sign
    cdef Py_ssize_t i
    for i in range(len(sample)):
        sign = PyUnicode_READ(kind, data, i)
        found += sign >= 128 or is_letter(sign)
    return found


cdef bint has_letter(str line) noexcept:
    cdef int kind = PyUnicode_KIND(line)
    cdef const void *data = PyUnicode_DATA(line)
    cdef Py_ssize_t i
    for i in range(len(line)):
        if Py_UNICODE_ISALPHA(PyUnicode_READ(kind, data, i)):
            return True
    return False
