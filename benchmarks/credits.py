"""What looking for credits costs: microseconds a document, for texts without any credit and for one with.

    python benchmarks/credits.py [FILE]

FILE is a plain text without a credit; without one, a seed repeated. It is brought to 5,000 code points, as it is (ASCII
where the file is) and with typographic quotation marks; made texts are accented and Cyrillic. The smallest of rounds is
printed, since what a shared machine adds is not the cleaner's. The last line is the whole default chain over the same
text, for the share.
"""

from __future__ import annotations

import sys
import timeit
from pathlib import Path

from siglum.cleaners.credits import Credits
from siglum.document import Document

SIZE = 5_000
ROUNDS, CALLS = 15, 200
LIMIT_US = 60.0
ACCENTED = "Les pays de l'alliance ne participeront pas à la trêve, a déclaré le secrétaire général à l'été. "
CYRILLIC = "Страны альянса не будут участвовать в прекращении огня, заявил генеральный секретарь на встрече. "


def cost_us(credits: Credits, text: str) -> float:
    doc = Document(text)
    return min(timeit.repeat(lambda: list(credits(doc)), repeat=ROUNDS, number=CALLS)) / CALLS * 1e6


def main() -> int:
    default = Path(__file__).resolve().parent.parent / "seeds" / "000_0ec92317bdd44cf9.txt"
    source = Path(sys.argv[1] if len(sys.argv) > 1 else default).read_text("utf-8")
    plain = (source * (SIZE // len(source) + 1))[:SIZE]
    quoted = "“" + plain[:-2] + "”"
    credits, hinted = Credits(hints=False), Credits(hints=True)
    rows = {
        "plain": cost_us(credits, plain),
        "with quotation marks": cost_us(credits, quoted),
        "accented": cost_us(credits, (ACCENTED * 60)[:SIZE]),
        "Cyrillic": cost_us(credits, (CYRILLIC * 60)[:SIZE]),
        "plain, hints asked for": cost_us(hinted, plain),
        "plain, with a credit": cost_us(credits, plain + "\n\nTranslated with DeepL\n"),
    }
    for name, us in rows.items():
        print(f"{name:24} {us:8.1f} us")
    from siglum.api import clean

    chain = min(timeit.repeat(lambda: clean(plain), repeat=3, number=1)) * 1e6
    print(f"{'the whole chain':24} {chain:8.1f} us, of which credits {rows['plain'] / chain:.2%}")
    return int(rows["plain"] > LIMIT_US)


if __name__ == "__main__":
    raise SystemExit(main())
