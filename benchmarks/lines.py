"""How long the line model takes: milliseconds for a page of 90 lines, beside ftfy on the same text.

python benchmarks/lines.py
"""

from __future__ import annotations

import random
import timeit

import ftfy

from siglum.content.lines import read, score_lines

REPEATS = 300


def page(seed: int = 1) -> list[str]:
    """Return a made page: a menu, twelve paragraphs, and a list of links."""
    rnd = random.Random(seed)

    def words(n: int) -> str:
        return " ".join("".join(rnd.choices("aeioulnrst", k=rnd.randint(2, 9))) for _ in range(n))

    menu = [words(rnd.randint(1, 3)).title() for _ in range(30)]
    body = [line for _ in range(12) for line in (words(50).capitalize() + ".", "")]
    return [*menu, "", *body, *(words(6).capitalize() for _ in range(35))]


def main() -> None:
    """Print the best of five runs for each step."""
    lines = page()
    text = "\n".join(lines)
    print(f"{len(lines)} lines, {len(text)} characters")
    for name, step in (
        ("read", lambda: read(lines)),
        ("score_lines (with reasons)", lambda: score_lines(lines)),
        ("ftfy.fix_text", lambda: ftfy.fix_text(text)),
    ):
        seconds = min(timeit.repeat(step, number=REPEATS, repeat=5)) / REPEATS
        print(f"{name:30} {1000 * seconds:.3f} ms")


if __name__ == "__main__":
    main()
