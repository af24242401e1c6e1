# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The line model in one pass over the characters and three over the lines: twin of `siglum.content.lines.read_rows`.

What is worked out, and why, is told in `siglum.content.line_shape` and `siglum.content.lines`. Sums are taken in the
order of their terms, where numpy takes them in the order its matrix library likes best: the two may differ in the last
bits of a number, long before the three places that are told.
"""

cimport cython
from cpython.unicode cimport PyUnicode_READ
from libc.math cimport log1p, rint, tanh
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from siglum.native.characters cimport Char
from siglum.native.rows cimport Row, Rows, rows_of

from siglum.content import line_shape as shapes

cdef enum:  # tests hold these against the Python
    KINDS = 13
    TABLES = 6
    NUMBERS = 17
    WINDOWS = 6
    STRETCHES = 2
    PLACES = 5
    CONTEXT = 52
    KNOWN = 512  # whole numbers whose logarithm is looked up
    DISTANCES = 7
    AROUND = 37  # where the context tells of the whole article
    WORDS = 128  # words, and lines, whose bucket is looked up: above FAR all are alike
    BELONGS = 16  # above all kinds: that a character belongs to a word
    BEGUN = KINDS  # counted beside the kinds: words
    BEGUN_UPPER  # and those that begin with a capital
    EIGHT = 8  # counters of a byte in one number
    FULL = 255  # what a byte counts to

cdef uint64_t FACTOR = 0x9E3779B97F4A7C15  # 2^64 by the golden ratio

cdef struct Worth:  # what a character counts: one in some of sixteen counters, of a byte each
    uint64_t low, high

cdef struct Counts:
    int of[2 * EIGHT]
    int last, last_but_one  # what is told of the last two characters

cdef struct Line:
    double words, weight
    double readings[2]  # log odds, without what stands around the line
    double known[2]  # what a label adds to them
    double chance
    int whole, first, last, short, stop, ellipsis
    int run, repeats, block
    uint64_t mark
    int far[2][2]  # above and below, to the nearest sentence and the nearest paragraph
    double numbers[NUMBERS]

cdef struct Stretch:
    Py_ssize_t begin, end


@cython.final
cdef class Model:
    """The weights and bucket tables, as C reads them."""

    cdef const uint8_t[::1] told_of  # its kind, of each code point, and whether it belongs to a word
    cdef Worth[2 * BELONGS] worth_of
    cdef const double[:, ::1] tables, numbers, bias
    cdef const double[::1] context
    cdef dict labels  # label -> (first reading, second reading, others)
    cdef tuple named
    cdef uint8_t[KINDS] first_row, last_row
    cdef int[WORDS] length_of, distance_of
    cdef int[WINDOWS] windows, block_lines, block_words
    cdef int[TABLES] starts
    cdef double worth[STRETCHES]
    cdef double log_of[KNOWN]
    cdef int far, short_words, sentence_words, long_words, head, tail
    cdef double dense_words, dense_letters
    cdef int lower, upper, dense, letter, digit, stop, ellipsis, comma, symbol, quote, other
    cdef double headline_keep, headline_words
    cdef Py_ssize_t headline_lines, headline_run

    def __init__(self, weights, labels, headline, windows, worth):
        cdef int n
        tools = shapes._tools()
        self.tables, self.numbers, self.context, self.bias = (
            weights.tables, weights.numbers, weights.context, weights.bias,
        )
        for n in range(KINDS):
            self.count_as(n, n)
            self.count_as(BELONGS + n, n)
            self.count_as(BELONGS + n, BEGUN)
        self.count_as(BELONGS + <int> shapes.KINDS.index("upper"), BEGUN_UPPER)
        self.labels = {name: (kind["first"], kind["second"], kind["others"]) for name, kind in labels.items()}
        self.named = self.labels["named"]
        self.headline_keep, self.headline_words = headline["keep"], headline["words"]
        self.headline_lines, self.headline_run = headline["lines"], headline["run"]
        for n in range(KINDS):
            self.first_row[n], self.last_row[n] = tools.first[n], tools.last[n]
        self.told_of = tools.kind_of | BELONGS * tools.np.frombuffer(tools.wordy, tools.np.uint8).take(tools.kind_of)
        self.far = shapes.FAR
        for n in range(self.far + 1):
            self.length_of[n], self.distance_of[n] = tools.length_of[n], tools.distance_of[n]
        for n in range(WINDOWS):
            self.windows[n] = windows[n]
            self.block_lines[n], self.block_words[n] = shapes.BLOCK_LINES[n], shapes.BLOCK_WORDS[n]
        for n in range(TABLES):
            self.starts[n] = shapes.offsets()[n, 0]
        for n in range(STRETCHES):
            self.worth[n] = worth[n]
        for n in range(KNOWN):
            self.log_of[n] = log1p(n)
        self.short_words, self.sentence_words, self.long_words = shapes.SHORT, shapes.SENTENCE, shapes.LONG
        self.head, self.tail = shapes.HEAD, shapes.TAIL
        self.dense_words, self.dense_letters = shapes.WORDS_A_CHARACTER, shapes.LETTERS_A_CHARACTER
        names = ("lower", "upper", "dense", "letter", "digit", "stop", "ellipsis", "comma", "symbol", "quote", "other")
        (
            self.lower, self.upper, self.dense, self.letter, self.digit,
            self.stop, self.ellipsis, self.comma, self.symbol, self.quote, self.other,
        ) = [shapes.KINDS.index(name) for name in names]

    def read(self, rows not None, dict labels not None):
        """Return the reading of the lines *rows*, at least one; *labels* are the kinds of labels by number of line."""
        cdef Rows laid = rows_of(rows)
        cdef Py_ssize_t m = laid.count, i
        cdef Reading reading = Reading.__new__(Reading)
        cdef Line *lines = <Line *> malloc(m * sizeof(Line))
        cdef double *sums = <double *> malloc(4 * (m + 1) * sizeof(double))
        cdef Stretch stretch
        try:
            if lines == NULL or sums == NULL:
                raise MemoryError
            reading.hold(m)
            for i in range(m):
                self.measure(&lines[i], laid, &laid.rows[i])
            self.see_company(lines, laid)
            self.see_blocks(lines, laid.rows, m)
            self.see_sentences(lines, m)
            for i in range(m):
                self.weigh(&lines[i])
            self.see_labels(lines, labels, m)
            self.weigh_again(lines, sums, m)
            stretch = best_stretch(lines, self.worth[0], m)
            for i in range(m):
                reading.lines[i].keep = rint(lines[i].chance * 1000) / 1000
                reading.lines[i].words = lines[i].words
                reading.lines[i].company, reading.lines[i].repeats = lines[i].run, lines[i].repeats
            reading.begin, reading.end = stretch.begin, stretch.end
            self.see_headlines(reading, labels)
        finally:
            free(lines)
            free(sums)
        return reading

    cdef void count_as(self, int told, int counter) noexcept:
        if counter < EIGHT:
            self.worth_of[told].low += <uint64_t> 1 << (8 * counter)
        else:
            self.worth_of[told].high += <uint64_t> 1 << (8 * (counter - EIGHT))

    cdef double log(self, int n) noexcept:
        return self.log_of[n] if n < KNOWN else log1p(n)

    cdef void measure(self, Line *line, Rows rows, Row *row) noexcept:
        """Count the characters of a line, and work out what follows from them alone."""
        cdef Py_ssize_t size = min(row.last - row.first, <Py_ssize_t> (self.head + self.tail))
        cdef Counts found
        cdef int *count = found.of
        cdef int letters, last, last_but_one
        cdef double *numbers = line.numbers
        cdef double words
        memset(&found, 0, sizeof(found))
        found.last = self.told_of[PyUnicode_READ(rows.kind, rows.data, row.first)] % BELONGS
        line.first = found.last
        if size < row.last - row.first:
            self.count(&found, rows, row.first, row.first + self.head)
            self.count(&found, rows, row.last - self.tail, row.last)
        else:
            self.count(&found, rows, row.first, row.last)
        last, last_but_one = found.last % BELONGS, found.last_but_one % BELONGS
        line.last = last
        # Tenths, so that sums are whole numbers, as in the Python.
        line.words = (10.0 * count[BEGUN] + 10 * self.dense_words * count[self.dense]) / 10
        line.weight = min(line.words, 50.0) + 1
        line.whole = <int> min(line.words, <double> self.far)
        line.short = line.whole < self.short_words
        line.ellipsis = last == self.stop and last_but_one == self.stop
        line.stop = not line.ellipsis and (last == self.stop or (last == self.quote and last_but_one == self.stop))
        letters = count[self.lower] + count[self.upper] + count[self.dense] + count[self.letter]
        words = max(line.words, 1.0)
        numbers[0] = min(count[self.comma] / words, 1.0)
        numbers[1] = min(count[self.symbol] / words, 1.0)
        numbers[2] = min(count[self.other] / words, 1.0)
        numbers[3] = min((size + (self.dense_letters - 1) * count[self.dense]) / 6 / words, 2.0)
        numbers[4] = count[self.upper] / max(letters, 1.0)
        numbers[5] = count[BEGUN_UPPER] / max(count[BEGUN], 1.0)
        numbers[6] = count[self.digit] / max(size, 1.0)
        numbers[7] = log1p(line.words) if count[self.dense] else self.log(count[BEGUN])
        numbers[8], numbers[9], numbers[10] = (
            self.log(count[self.comma]), self.log(count[self.stop]), self.log(count[self.quote])
        )
        numbers[13] = numbers[7] * numbers[7]
        numbers[14] = numbers[5] * (min(line.words, 20.0) / 20)
        numbers[15] = letters == 0

    cdef void count(self, Counts *found, Rows rows, Py_ssize_t first, Py_ssize_t last) noexcept:
        """Count the characters from *first* to *last*, which go on where those counted before end."""
        cdef const uint8_t *told_of = &self.told_of[0]
        if rows.kind == 1:
            count_kinds(found, told_of, self.worth_of, (<const uint8_t *> rows.data) + first, last - first)
        elif rows.kind == 2:
            count_kinds(found, told_of, self.worth_of, (<const uint16_t *> rows.data) + first, last - first)
        else:
            count_kinds(found, told_of, self.worth_of, (<const uint32_t *> rows.data) + first, last - first)

    cdef int see_company(self, Line *lines, Rows rows) except -1:
        """Count how often each line stands in the text, and how many like it, short or long, in a row."""
        cdef Py_ssize_t m = rows.count, i, begin = 0
        see_repeats(lines, rows)
        for i in range(m):
            if i + 1 == m or lines[i + 1].short != lines[i].short:
                for n in range(begin, i + 1):
                    lines[n].run = i + 1 - begin
                begin = i + 1
        for i in range(m):
            lines[i].numbers[11] = self.log(lines[i].repeats - 1)
            lines[i].numbers[12] = self.log(lines[i].run) if lines[i].short else 0.0
            lines[i].numbers[16] = lines[i].repeats > 1 and lines[i].whole >= 12
        return 0

    cdef void see_blocks(self, Line *lines, const Row *rows, Py_ssize_t m) noexcept:
        """Find the bucket of the lines between two blank ones."""
        cdef Py_ssize_t i, n, begin = 0
        cdef int row, column
        cdef double words = 0
        for i in range(m):
            words += rint(lines[i].words * 10)
            if i + 1 == m or rows[i + 1].place - rows[i].place > 1:
                row = column = 0
                while row + 1 < WINDOWS and self.block_lines[row + 1] <= i + 1 - begin:
                    row += 1
                words /= 10 * (i + 1 - begin)
                while column + 1 < WINDOWS and self.block_words[column + 1] <= words:
                    column += 1
                for n in range(begin, i + 1):
                    lines[n].block = row * WINDOWS + column
                begin, words = i + 1, 0

    cdef void see_sentences(self, Line *lines, Py_ssize_t m):
        """Find how far the nearest sentence and the nearest paragraph are, above and below."""
        cdef Py_ssize_t i
        cdef int above[2]
        cdef int below[2]
        above[0] = above[1] = below[0] = below[1] = self.far
        for i in range(m):
            lines[i].far[0][0], lines[i].far[1][0] = above[0], above[1]
            above[0] = 1 if self.is_sentence(&lines[i]) else min(above[0] + 1, self.far)
            above[1] = 1 if lines[i].whole >= self.long_words else min(above[1] + 1, self.far)
        for i in range(m - 1, -1, -1):
            lines[i].far[0][1], lines[i].far[1][1] = below[0], below[1]
            below[0] = 1 if self.is_sentence(&lines[i]) else min(below[0] + 1, self.far)
            below[1] = 1 if lines[i].whole >= self.long_words else min(below[1] + 1, self.far)

    cdef bint is_sentence(self, Line *line) noexcept:
        return line.stop and line.whole >= self.sentence_words

    cdef void weigh(self, Line *line):
        """Add up both readings of *line*, but for what stands around it."""
        cdef int code[TABLES]
        cdef int reading, n
        cdef double sum
        code[0] = self.length_of[line.whole] * 2 + line.stop
        code[1] = self.first_row[line.first] * 2 + line.short
        code[2] = (self.ellipsis if line.ellipsis else self.last_row[line.last]) * 2 + line.short
        code[3] = line.block
        for n in range(2):
            code[4 + n] = self.distance_of[line.far[n][0]] * DISTANCES + self.distance_of[line.far[n][1]]
        for reading in range(2):
            sum = 0
            for n in range(TABLES):
                sum += self.tables[reading, self.starts[n] + code[n]]
            for n in range(NUMBERS):
                sum += self.numbers[reading, n] * line.numbers[n]
            line.readings[reading] = sum + self.bias[reading, 0]
            line.known[reading] = 0

    cdef int see_labels(self, Line *lines, dict labels, Py_ssize_t m) except -1:
        """Add what labels say of their own lines, and of all others."""
        cdef double others = 0
        cdef Py_ssize_t i
        cdef tuple told
        for label in labels.values():
            others += <double> self.labels.get(label, self.named)[2]
        for i in range(m):
            lines[i].known[1] = others / m
        for i, label in labels.items():
            if not 0 <= i < m:
                raise IndexError(f"a label of line {i}, where there are {m}")
            told = self.labels.get(label, self.named)
            lines[i].known[0], lines[i].known[1] = told[0], told[1]
        return 0

    cdef void see_headlines(self, Reading reading, dict labels):
        """Raise the chance of what stands above the article as a headline does: twin of `lines._headlines`."""
        cdef Told *lines = reading.lines
        cdef Py_ssize_t first = max(reading.begin - self.headline_lines, 0), i, top, end, tried = 0
        for i in range(reading.begin - 1, first - 1, -1):
            if lines[i].words < self.headline_words:
                continue
            if tried == self.headline_run:
                break
            tried += 1
            top, end = i, i + 1
            while top > first and lines[top - 1].words >= self.short_words:
                top -= 1
            while end < reading.begin and lines[end].words >= self.short_words:
                end += 1
            if end - top <= self.headline_run and lines[i].repeats == 1 and i not in labels:
                lines[i].keep = max(lines[i].keep, self.headline_keep)

    cdef void weigh_again(self, Line *lines, double *sums, Py_ssize_t m):
        """Add to the second reading what the first makes of the lines around; set each line's chance."""
        cdef double *chance = sums
        cdef double *worth = sums + (m + 1)
        cdef double *words = sums + 2 * (m + 1)
        cdef double *longer = sums + 3 * (m + 1)
        cdef const double[::1] context = self.context
        cdef Stretch found[STRETCHES]
        cdef double total, sum, above, below, share, within
        cdef double[2] plain, by_words
        cdef double[PLACES] edge
        cdef Py_ssize_t i, low, high
        cdef int n, side
        chance[0] = worth[0] = words[0] = longer[0] = 0
        for i in range(m):
            lines[i].chance = chance_of(lines[i].readings[0] + lines[i].known[0])
            chance[i + 1] = chance[i] + lines[i].chance
            worth[i + 1] = worth[i] + lines[i].chance * lines[i].weight
            words[i + 1] = words[i] + lines[i].weight
            longer[i + 1] = longer[i] + (lines[i].words >= self.short_words)
        total = max(worth[m], 1e-9)
        for n in range(STRETCHES):
            found[n] = best_stretch(lines, self.worth[n], m)
        share = (worth[found[0].end] - worth[found[0].begin]) / total
        within = (chance[found[0].end] - chance[found[0].begin]) / max(found[0].end - found[0].begin, 1)
        for i in range(m):
            sum = context[0] * lines[i].readings[0]
            for n in range(WINDOWS):
                low, high = max(i - self.windows[n], 0), min(i + 1 + self.windows[n], m)
                plain[0] = (chance[i] - chance[low]) / self.windows[n]
                plain[1] = (chance[high] - chance[i + 1]) / self.windows[n]
                by_words[0] = (worth[i] - worth[low]) / max(words[i] - words[low], 1.0)
                by_words[1] = (worth[high] - worth[i + 1]) / max(words[high] - words[i + 1], 1.0)
                sum += context[1 + n] * plain[0] + context[1 + WINDOWS + n] * plain[1]
                sum += context[1 + 2 * WINDOWS + n] * min(plain[0], plain[1])
                sum += context[1 + 3 * WINDOWS + n] * by_words[0] + context[1 + 4 * WINDOWS + n] * by_words[1]
                sum += context[1 + 5 * WINDOWS + n] * min(by_words[0], by_words[1])
            above, below = worth[i] / total, 1 - worth[i + 1] / total
            sum += context[AROUND] * above + context[AROUND + 1] * below + context[AROUND + 2] * min(above, below)
            for side in range(STRETCHES):
                edge[0] = found[side].begin <= i < found[side].end
                edge[1] = self.log(max(found[side].begin - i, 0))
                edge[2] = self.log(max(i - (found[side].end - 1), 0))
                edge[3] = self.log(max(<int> (longer[found[side].begin] - longer[i + 1]), 0))
                edge[4] = self.log(max(<int> (longer[i] - longer[found[side].end]), 0))
                for n in range(PLACES):
                    sum += context[AROUND + 3 + side * PLACES + n] * edge[n]
            sum += context[CONTEXT - 2] * share + context[CONTEXT - 1] * within
            lines[i].readings[1] += sum + lines[i].known[1]
        for i in range(m):
            lines[i].chance = chance_of(lines[i].readings[1])


@cython.final
cdef class Reading:
    """What the model made of a text: twin of `siglum.content.lines.Reading`."""

    def __init__(self, list keep not None, words, company, repeats, stretch):
        self.hold(len(keep))
        for n, (chance, size, run, times) in enumerate(zip(keep, words, company, repeats, strict=True)):
            self.lines[<Py_ssize_t> n] = Told(chance, size, run, times)
        self.begin, self.end = stretch

    def __dealloc__(self):
        free(self.lines)

    cdef int hold(self, Py_ssize_t count) except -1:
        """Make room for *count* lines."""
        free(self.lines)
        self.count, self.lines = 0, <Told *> calloc(count + 1, sizeof(Told))
        if self.lines == NULL:
            raise MemoryError
        self.count = count
        return 0

    @property
    def keep(self):
        return [self.lines[n].keep for n in range(self.count)]

    @property
    def words(self):
        return [self.lines[n].words for n in range(self.count)]

    @property
    def company(self):
        return [self.lines[n].company for n in range(self.count)]

    @property
    def repeats(self):
        return [self.lines[n].repeats for n in range(self.count)]

    @property
    def stretch(self):
        return self.begin, self.end


cdef void count_kinds(
    Counts *found, const uint8_t *told_of, const Worth *worth_of, const Char *text, Py_ssize_t size
) noexcept:
    """Count the characters of *text* by kind, and the words that begin there, all in the bytes of two numbers."""
    cdef int told = found.last, before = found.last_but_one, n
    cdef uint64_t low, high
    cdef const Worth *worth
    cdef Py_ssize_t i = 0, full
    while i < size:
        low = high = 0
        full = min(i + FULL, size)
        while i < full:
            before = told
            told = told_of[text[i]]
            worth = &worth_of[told & ~(before & BELONGS)]
            low += worth.low
            high += worth.high
            i += 1
        for n in range(EIGHT):
            found.of[n] += low >> (8 * n) & FULL
            found.of[EIGHT + n] += high >> (8 * n) & FULL
    found.last, found.last_but_one = told, before


cdef int see_repeats(Line *lines, Rows rows) except -1:
    """Count how often each line stands in the text, up to three times.

    Most stand there once, and a bit says so: that of their length, first and last characters, hashed. Only lines that
    have the bit of another are compared.
    """
    cdef Py_ssize_t m = rows.count, i
    cdef int shift = 58
    cdef uint64_t mark, bit
    cdef dict alike = {}  # lines by what they say
    while <uint64_t> 1 << (64 - shift) < <uint64_t> 16 * m:
        shift -= 1
    cdef size_t size = <size_t> 1 << (58 - shift)
    cdef uint64_t *once = <uint64_t *> calloc(2 * size, sizeof(uint64_t))
    cdef uint64_t *twice = once + size
    if once == NULL:
        raise MemoryError
    try:
        for i in range(m):
            mark = mark_of(rows, &rows.rows[i]) >> shift
            bit = <uint64_t> 1 << (mark & 63)
            twice[mark >> 6] |= once[mark >> 6] & bit
            once[mark >> 6] |= bit
            lines[i].mark, lines[i].repeats = mark, 1
        for i in range(m):
            if twice[lines[i].mark >> 6] >> (lines[i].mark & 63) & 1:
                alike.setdefault(rows.line(i), []).append(i)
    finally:
        free(once)
    for places in alike.values():
        for i in places:
            lines[i].repeats = min(len(<list> places), 3)
    return 0


cdef uint64_t mark_of(Rows rows, const Row *row) noexcept:
    """Return a hash of a line's length and of its first and last bytes."""
    cdef const char *line = (<const char *> rows.data) + row.first * rows.kind
    cdef Py_ssize_t size = (row.last - row.first) * rows.kind
    cdef uint64_t head = 0, tail = 0
    if size >= <Py_ssize_t> sizeof(head):
        memcpy(&head, line, sizeof(head))
        memcpy(&tail, line + size - sizeof(tail), sizeof(tail))
    else:
        memcpy(&head, line, size)
    head = (head ^ <uint64_t> size) * FACTOR
    return (head ^ (head >> 32) ^ tail) * FACTOR


cdef inline double chance_of(double log_odds) noexcept:
    return (tanh(log_odds / 2) + 1) / 2


cdef Stretch best_stretch(Line *lines, double least, Py_ssize_t m) noexcept:
    """Return the stretch of lines whose sum of (chance - *least*) by words is largest: Kadane's algorithm."""
    cdef Stretch best
    cdef double sum = 0, lowest = 0, most = 0
    cdef Py_ssize_t lowest_at = 0
    cdef Py_ssize_t i
    best.begin = best.end = 0
    for i in range(m):
        sum += (lines[i].chance - least) * lines[i].weight
        if sum - lowest > most:
            most, best.begin, best.end = sum - lowest, lowest_at, i + 1
        if sum < lowest:
            lowest, lowest_at = sum, i + 1
    return best
