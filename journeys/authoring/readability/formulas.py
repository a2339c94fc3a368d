"""The published reading formulas: from counted words, sentences and syllables to a school grade. Numbers only.

English: Flesch and Kincaid. J. P. Kincaid, R. P. Fishburne, R. L. Rogers, B. S. Chissom: Derivation of new readability
formulas for Navy enlisted personnel (Research Branch Report 8-75, 1975):

    grade = 0.39 * words per sentence + 11.8 * syllables per word - 15.59

Spanish: Fernández Huerta. J. Fernández Huerta: Medidas sencillas de lecturabilidad, Consigna 214 (1959), 29-32; as
corrected by G. Law (LINGUIST List 22.2332, 2011): many publications print the second term wrongly.

    L = 206.84 - 60 * syllables per word - 1.02 * words per sentence

It was chosen before Szigriszt-Pazos and INFLESZ because its own table names school grades: 90 to 100 the 4th, 80 to 90
the 5th, 70 to 80 the 6th, 60 to 70 the 7th and 8th, 50 to 60 before university, 30 to 50 selective courses, below 30
university. Here the lower end of each band is its last grade (90: 4, 80: 5, 70: 6, 60: 8, 50: 12, 30: 16), and between
two ends the grade changes evenly. So at most 6 means L of 70 or more, and at most 8 means 60 or more.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

#: Ends of the bands of Fernández Huerta's table: L, and the grade that it means.
_BANDS = ((90.0, 4.0), (80.0, 5.0), (70.0, 6.0), (60.0, 8.0), (50.0, 12.0), (30.0, 16.0))


def flesch_kincaid(words: int, sentences: int, syllables: int) -> float:
    """The US school grade of an English text."""
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def fernandez_huerta(words: int, sentences: int, syllables: int) -> float:
    """The reading ease of a Spanish text: about 100 for very easy texts, about 0 for very hard ones."""
    return 206.84 - 60 * syllables / words - 1.02 * words / sentences


def spanish_grade(words: int, sentences: int, syllables: int) -> float:
    """The school grade of a Spanish text, by the bands of Fernández Huerta's table."""
    ease = fernandez_huerta(words, sentences, syllables)
    # Above the first band and below the last, the slope of that band continues.
    (high, above), (low, below) = next((pair for pair in pairwise(_BANDS) if ease >= pair[1][0]), _BANDS[-2:])
    return above + (high - ease) * (below - above) / (high - low)


Formula = Callable[[int, int, int], float]
