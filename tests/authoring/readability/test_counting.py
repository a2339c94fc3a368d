"""Sentences and words are counted, and omitted terms are listed."""

import pytest

from journeys.authoring.readability import count, language_of
from journeys.content.catalogue import read_glossary

ENGLISH, SPANISH = language_of("en"), language_of("es-MX")


def glossary(text="terms: []"):
    terms, problems = read_glossary(text.encode(), "glossary.yaml")
    assert problems == []
    return terms


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Walk. Rest.", ["Walk.", "Rest."]),
        ("No full stop", ["No full stop"]),
        ("Is it? Yes! Go…  Now", ["Is it?", "Yes!", "Go…", "Now"]),
        ("Dr. Lee says so. Ask Mrs. Day.", ["Dr. Lee says so.", "Ask Mrs. Day."]),
        ("Walk 1.5 miles, e.g. here. 2 are enough.", ["Walk 1.5 miles, e.g. here.", "2 are enough."]),
        ("Say “no.” Then go.", ["Say “no.", "Then go."]),
        ("¿Puede? ¡Sí! Avise.", ["¿Puede?", "¡Sí!", "Avise."]),
        ("Call ⟨programme.phone⟩. ⟨name⟩ helps.", ["Call ⟨programme.phone⟩.", "⟨name⟩ helps."]),
        ("", []),
    ],
)
def test_sentences(text, sentences):
    assert [sentence.text for sentence in count(text, ENGLISH, glossary()).sentences] == sentences


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a low-dose CT scan", 4),
        ("don't – ever", 2),
        ("1,000 people (2026)", 3),
        ("⟨last_scan_on⟩ and ⟨programme.x⟩", 3),
    ],
)
def test_words(text, words):
    assert count(text, ENGLISH, glossary()).words == words


def test_a_value_and_a_term_count_as_one_word_of_two_syllables():
    """Ask, about, ⟨day⟩, and, a, [lymph node biopsy]: 6 words; 1 + 2 + 2 + 1 + 1 + 2 = 9 syllables."""
    counted = count(
        "Ask about ⟨day⟩ and a lymph node biopsy.", ENGLISH, glossary("terms: [lymph node biopsy, lymph node]")
    )
    assert (counted.words, counted.syllables) == (6, 9)
    assert counted.sentences[0].text == "Ask about ⟨day⟩ and a lymph node biopsy."


def test_each_term_that_was_left_out_is_listed():
    terms = glossary("terms: [chemotherapy, MET]")
    counted = count("Chemotherapy met MET. More CHEMOTHERAPY, chemotherapy-like.", ENGLISH, terms)
    assert counted.exempted == {"chemotherapy": 2, "MET": 1}


def test_a_region_reads_as_its_language_does():
    assert SPANISH is language_of("es")
    assert language_of("fr") is None


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("terms: [CT, CT]", 1, "'CT' is listed twice."),
        ("terms:\n  - a  b\n", 2, "A term is one line of at most 80 characters"),
        ("terms: []\nterm: []\n", 2, "'term' is not a key of the glossary. Did you mean 'terms'?"),
        ("numbers: []", 1, "The glossary needs 'terms'."),
        ("terms: {en: CT}", 1, "'terms'"),
    ],
)
def test_a_glossary_that_is_wrong_is_a_problem_at_its_line(text, line, message):
    problems = read_glossary(text.encode(), "glossary.yaml")[1]
    assert [problem.line for problem in problems] == [line]
    assert message in problems[0].message
