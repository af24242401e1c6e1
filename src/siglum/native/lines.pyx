# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The line model in one pass over the characters and three over the lines: twin of `siglum.content.lines.read_texts`.

What is worked out, and why, is told in `siglum.content.line_shape` and `siglum.content.lines`. Sums are taken in the
order of their terms, where numpy takes them in the order its matrix library likes best: the two may differ in the last
bits of a number, long before the three places that are told.
"""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from libc.math cimport log1p, rint, tanh
from libc.stdint cimport uint8_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

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

cdef struct Line:
    double words, weight
    double readings[2]  # log odds, without what stands around the line
    double known[2]  # what a label adds to them
    double chance
    int whole, first, last, last_but_one, letters, short, stop, ellipsis
    int run, repeats, block, size
    int far[2][2]  # above and below, to the nearest sentence and the nearest paragraph
    double numbers[NUMBERS]

cdef struct Stretch:
    Py_ssize_t begin, end


cdef class Model:
    """The weights and bucket tables, as C reads them."""

    cdef const uint8_t[::1] kind_of
    cdef const double[:, ::1] tables, numbers, bias
    cdef const double[::1] context
    cdef dict labels  # label -> (first reading, second reading, others)
    cdef tuple named
    cdef uint8_t[KINDS] wordy, first_row, last_row
    cdef int[WORDS] length_of, distance_of
    cdef int[WINDOWS] windows, block_lines, block_words
    cdef int[TABLES] starts
    cdef double worth[STRETCHES]
    cdef double log_of[KNOWN]
    cdef int far, short_words, sentence_words, long_words, head, tail
    cdef double dense_words, dense_letters
    cdef int lower, upper, dense, letter, digit, stop, ellipsis, comma, symbol, quote, other

    def __init__(self, weights, labels, windows, worth):
        cdef int n
        tools = shapes._tools()
        self.kind_of = tools.kind_of
        self.tables, self.numbers, self.context, self.bias = (
            weights.tables, weights.numbers, weights.context, weights.bias,
        )
        self.labels = {name: (kind["first"], kind["second"], kind["others"]) for name, kind in labels.items()}
        self.named = self.labels["named"]
        for n in range(KINDS):
            self.wordy[n], self.first_row[n], self.last_row[n] = tools.wordy[n], tools.first[n], tools.last[n]
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

    def read(self, places, texts, dict labels):
        """Return of each line its chance, its words, its company and its repeats; and the article's stretch.

        *texts* are the lines, not blank and without blanks around them, at least one; *places* where they stand among
        all lines; *labels* the kinds of labels by number of line.
        """
        cdef Py_ssize_t m = len(texts), i
        if len(places) != m:
            raise ValueError(f"{len(places)} places of {m} lines")
        if labels and not 0 <= min(labels) <= max(labels) < m:
            raise IndexError(f"labels of lines {min(labels)} to {max(labels)}, where there are {m}")
        cdef Line *lines = <Line *> malloc(m * sizeof(Line))
        cdef double *sums = <double *> malloc(4 * (m + 1) * sizeof(double))
        cdef Stretch stretch
        if lines == NULL or sums == NULL:
            free(lines)
            free(sums)
            raise MemoryError
        try:
            for i in range(m):
                self.measure(&lines[i], texts[i])
            self.see_company(lines, texts, m)
            self.see_blocks(lines, places, m)
            self.see_sentences(lines, m)
            for i in range(m):
                self.weigh(&lines[i])
            self.see_labels(lines, labels, m)
            self.weigh_again(lines, sums, m)
            stretch = best_stretch(lines, self.worth[0], m)
            keep = [rint(lines[i].chance * 1000) / 1000 for i in range(m)]
            words = [lines[i].words for i in range(m)]
            company = [lines[i].run for i in range(m)]
            repeats = [lines[i].repeats for i in range(m)]
        finally:
            free(lines)
            free(sums)
        return keep, words, company, repeats, (stretch.begin, stretch.end)

    cdef double log(self, int n) noexcept:
        return self.log_of[n] if n < KNOWN else log1p(n)

    cdef void measure(self, Line *line, str text):
        """Count the characters of *text*, and work out what follows from them alone."""
        if len(text) > self.head + self.tail:
            text = text[:self.head] + text[len(text) - self.tail:]
        cdef int count[KINDS]
        cdef int kind = PyUnicode_KIND(text), size = len(text)
        cdef const void *data = PyUnicode_DATA(text)
        cdef const uint8_t[::1] kind_of = self.kind_of
        cdef int of = 0, before = 0, begun = 0, begun_upper = 0, inside = 0, wordy, i, letters
        cdef double *numbers = line.numbers
        cdef double words
        memset(count, 0, sizeof(count))
        line.first = kind_of[PyUnicode_READ(kind, data, 0)]
        of = line.first
        for i in range(size):
            before = of
            of = kind_of[PyUnicode_READ(kind, data, i)]
            count[of] += 1
            wordy = self.wordy[of]
            if wordy > inside:
                begun += 1
                begun_upper += of == self.upper
            inside = wordy
        line.size, line.last, line.last_but_one = size, of, before
        # Tenths, so that sums are whole numbers, as in the Python.
        words = (10.0 * begun + 10 * self.dense_words * count[self.dense]) / 10
        line.words = words
        line.weight = min(words, 50.0) + 1
        line.whole = <int> min(words, <double> self.far)
        line.short = line.whole < self.short_words
        line.ellipsis = of == self.stop and before == self.stop
        line.stop = (of == self.stop or (of == self.quote and before == self.stop)) and not line.ellipsis
        letters = count[self.lower] + count[self.upper] + count[self.dense] + count[self.letter]
        line.letters = letters
        words = max(words, 1.0)
        numbers[0] = min(count[self.comma] / words, 1.0)
        numbers[1] = min(count[self.symbol] / words, 1.0)
        numbers[2] = min(count[self.other] / words, 1.0)
        numbers[3] = min((size + (self.dense_letters - 1) * count[self.dense]) / 6 / words, 2.0)
        numbers[4] = count[self.upper] / max(letters, 1.0)
        numbers[5] = begun_upper / max(begun, 1.0)
        numbers[6] = count[self.digit] / max(size, 1.0)
        numbers[7] = log1p(line.words)
        numbers[8], numbers[9], numbers[10] = (
            self.log(count[self.comma]), self.log(count[self.stop]), self.log(count[self.quote])
        )
        numbers[13] = numbers[7] * numbers[7]
        numbers[14] = numbers[5] * (min(line.words, 20.0) / 20)
        numbers[15] = letters == 0

    cdef void see_company(self, Line *lines, texts, Py_ssize_t m):
        """Count how often each line stands in the text, and how many like it, short or long, in a row."""
        cdef Py_ssize_t i, begin = 0
        cdef dict seen = {}
        for text in texts:
            seen[text] = seen.get(text, 0) + 1
        for i in range(m):
            lines[i].repeats = 1 if len(seen) == m else min(<int> seen[texts[i]], 3)
            if i + 1 == m or lines[i + 1].short != lines[i].short:
                for n in range(begin, i + 1):
                    lines[n].run = i + 1 - begin
                begin = i + 1
        for i in range(m):
            lines[i].numbers[11] = self.log(lines[i].repeats - 1)
            lines[i].numbers[12] = self.log(lines[i].run) if lines[i].short else 0.0
            lines[i].numbers[16] = lines[i].repeats > 1 and lines[i].whole >= 12

    cdef void see_blocks(self, Line *lines, places, Py_ssize_t m):
        """Find the bucket of the lines between two blank ones."""
        cdef Py_ssize_t i, n, begin = 0
        cdef int row, column
        cdef double words = 0
        for i in range(m):
            words += rint(lines[i].words * 10)
            if i + 1 == m or <int> places[i + 1] - <int> places[i] > 1:
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

    cdef void see_labels(self, Line *lines, dict labels, Py_ssize_t m):
        """Add what labels say of their own lines, and of all others."""
        cdef double others = 0
        cdef Py_ssize_t i
        for label in labels.values():
            others += <double> self.labels.get(label, self.named)[2]
        for i in range(m):
            lines[i].known[1] = others / m
        for i, label in labels.items():
            lines[i].known[0], lines[i].known[1], _ = self.labels.get(label, self.named)

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
