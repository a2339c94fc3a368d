"""XLIFF 2.0 and CSV: texts in any script come back unchanged, and other files are refused."""

import csv
import io

import pytest
from defusedxml.ElementTree import fromstring

from journeys.authoring.translation import (
    MAX_BYTES,
    Row,
    TranslationFile,
    UnreadableTranslation,
    read_translation,
    rows_of,
    units_of,
    write_csv,
    write_xliff,
)
from journeys.authoring.translation.xliff import NAMESPACE
from tests.authoring.translation.journey import in_spanish

WRITERS = pytest.mark.parametrize("write", [write_xliff, write_csv])
SCRIPTS = (
    *("Latin é", "Ελληνικά", "Кириллица", "Հայերեն", "עברית", "العربية", "ܣܘܪܝܝܐ", "ދިވެހި", "ߒߞߏ", "हिन्दी"),
    *("বাংলা", "ਪੰਜਾਬੀ", "ગુજરાતી", "ଓଡ଼ିଆ", "தமிழ்", "తెలుగు", "ಕನ್ನಡ", "മലയാളം", "සිංහල", "ไทย", "ລາວ", "བོད་ཡིག"),
    *(
        "မြန်မာ",
        "ქართული",
        "한국어",
        "አማርኛ",
        "ᏣᎳᎩ",
        "ᐃᓄᒃᑎᑐᑦ",
        "ខ្មែរ",
        "ᠮᠣᠩᠭᠣᠯ",
        "ひらがな",
        "カタカナ",
        "漢字",
        "ꆈꌠ",
        "ⵜⴰⵎⴰⵣⵉⵖⵜ",
    ),
    *("ꦗꦮ", "ᬩᬮᬶ", "ᱥᱟᱱᱛᱟᱲᱤ", "𞤆𞤵𞤤𞤢𞤪", "ⲘⲈⲦⲢⲈⲘ", "ꕙꔤ", "𐒋𐒘𐒈𐒑𐒛𐒒𐒕𐒀"),
)
HARD = (
    *(
        "<b> & </b> ]]> &amp; &#10;",
        "two\nlines",
        "a\n\nb",
        "nbsp\u00a0here \u202f!",
        "\"quotes\" 'single' «fr» “x”",
        " ends ",
    ),
    *("=1+1", "+1 555", "-5", "@SUM(A1)", "- a list", "'=1", "''", "'tis", "'", "\ttab", "＝1", "1 May", "007", "TRUE"),
    *(
        "a;b",
        "a,b",
        "a\tb",
        '"',
        '""',
        "\\",
        "\u200f\u200fmixed עברית and English\u200e",
        "\u2028line",
        "x\u0301",
        "😀",
        "#",
        "|",
    ),
)


def rows(texts, state="translated"):
    return TranslationFile(
        "checkup", "en", "es", tuple(Row(f"checkup:x:{n}", text, text, state) for n, text in enumerate(texts))
    )


@WRITERS
@pytest.mark.parametrize("texts", [SCRIPTS, HARD], ids=["scripts", "hard"])
def test_every_text_comes_back_unchanged(write, texts):
    assert len(SCRIPTS) >= 40
    assert read_translation(write(rows(texts))) == rows(texts)


@WRITERS
def test_a_journey_comes_back_with_its_ids_states_and_notes(tmp_path, write):
    units = units_of(in_spanish(tmp_path), "es")
    data = write(TranslationFile("checkup", "en", "es", rows_of(units)))
    again = read_translation(data)
    assert [(row.id, row.source, row.target, row.state) for row in again.rows] == [
        (unit.id, unit.source, "", "initial") for unit in units
    ]
    assert "Time to book a visit · A visit is due" in data.decode()


def test_xliff_is_of_the_form_that_the_standard_describes(tmp_path):
    units = units_of(in_spanish(tmp_path), "es")
    root = fromstring(write_xliff(TranslationFile("checkup", "en", "es", rows_of(units))))
    inside = {"": NAMESPACE}
    assert (root.tag, root.get("version")) == (f"{{{NAMESPACE}}}xliff", "2.0")
    assert (root.get("srcLang"), root.get("trgLang")) == ("en", "es")
    for unit in root.findall("file/unit", inside):
        assert [child.tag.partition("}")[2] for child in unit] == ["notes", "segment"]
        assert " " not in unit.get("id")
        assert "/" not in unit.get("id")
    assert len(root.findall("file/unit", inside)) == len(units)


def test_no_cell_is_taken_for_a_formula_a_number_or_a_date():
    cells = [cell for line in csv.reader(io.StringIO(write_csv(rows(HARD)).decode("utf-8-sig"))) for cell in line]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t0123456789＝")]


def test_csv_has_a_byte_order_mark_and_quotes_and_names_the_languages():
    assert write_csv(rows(["x"])) == (
        b'\xef\xbb\xbf"id","en","es","state","note"\r\n"checkup:x:0","x","x","translated",""\r\n'
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv_is_read_as_any_spreadsheet_saves_it(delimiter, line_end, quoting, encoding):
    saved = io.StringIO()
    writer = csv.writer(saved, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerow(["id", "en", "es", "state", "note", "a column of ours"])
    writer.writerow(["checkup:x:0", f"a{delimiter}b", f"one{line_end}two", "Translated", "", ""])
    writer.writerow(["", "", "", "", "", ""])
    row = Row("checkup:x:0", f"a{delimiter}b", "one\ntwo", "translated")
    assert read_translation(saved.getvalue().encode(encoding)).rows == (row,)


def xliff(body, attributes=f'xmlns="{NAMESPACE}" version="2.0" srcLang="en" trgLang="es"', before=""):
    return f"<?xml version='1.0'?>{before}<xliff {attributes}><file id='checkup'>{body}</file></xliff>".encode()


@pytest.mark.parametrize(
    ("body", "target", "state"),
    [
        ("<segment state='final'><source>A b</source><target>C d</target></segment>", "C d", "translated"),
        ("<segment state='reviewed'><source>A b</source><target>C d</target></segment>", "C d", "translated"),
        ("<segment><source>A b</source><target>C d</target></segment>", "C d", "initial"),
        ("<segment><source>A b</source></segment>", "", "initial"),
        ("<segment><source>A b</source><target/></segment>", "", "initial"),
        (
            "<segment state='final'><source>A</source><target>C</target></segment><ignorable><source> </source>"
            "</ignorable><segment state='final'><source>b</source><target>d</target></segment>",
            "C d",
            "translated",
        ),
        (
            "<segment state='final'><source>A</source><target>C</target></segment><ignorable><source> </source>"
            "</ignorable><segment><source>b</source></segment>",
            "",
            "initial",
        ),
        (
            "<segment state='final'><source>A <mrk id='m'>b</mrk></source>"
            "<target>C <mrk id='m'>d</mrk></target></segment>",
            "C d",
            "translated",
        ),
    ],
)
def test_xliff_is_read_as_any_tool_writes_it(body, target, state):
    for data in (xliff(f"<unit id='u'>{body}</unit>"), xliff(f"<group id='g'><unit id='u'>{body}</unit></group>")):
        assert read_translation(data).rows == (Row("u", "A b", target, state),)


def test_xliff_in_another_encoding_is_read():
    text = xliff("<unit id='u'><segment><source>é</source></segment></unit>").decode()
    data = text.replace("<?xml version='1.0'?>", "<?xml version='1.0' encoding='UTF-16'?>").encode("utf-16")
    assert read_translation(data).rows == (Row("u", "é"),)


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>"
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
REFUSED = {
    "entities": (xliff("<unit id='u'><segment><source>&c;</source></segment></unit>", before=LAUGHS), "entities"),
    "outside": (xliff("<unit id='u'><segment><source>&a;</source></segment></unit>", before=OUTSIDE), "entities"),
    "doctype": (xliff("", before="<!DOCTYPE x SYSTEM 'http://example.org/x.dtd'>"), "entities"),
    "too large": (b" " * (50 * 1024**2), "more than 16 MB"),
    "just too large": (xliff("") + b" " * MAX_BYTES, "more than 16 MB"),
    "xliff 1.2": (xliff("", 'xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2"'), "version 1.2"),
    "html": (b"<html></html>", "XLIFF 2.0"),
    "cut off": (xliff("")[:-9], "This is not XML"),
    "no language": (xliff("", f'xmlns="{NAMESPACE}" version="2.0" srcLang="en"'), "trgLang"),
    "unknown encoding": (b"<?xml version='1.0' encoding='x-none'?><xliff/>", "This is not XML"),
    "a unit twice": (xliff("<unit id='u'/><unit id='u'/>"), "The unit 'u' is in the file twice"),
    "empty": (b"", "The first line names the columns"),
    "another table": (b"name;age\nx;1\n", "The first line names the columns"),
    "a column twice": (b"id,en,en,state\n", "The first line names the columns"),
    "no rows": (b"id,en,es,state\n", "units of one journey"),
    "two journeys": (b"id,en,es,state\na:x,1,2,x\nb:x,1,2,x\n", "units of one journey"),
    "a short row": (b"id,en,es,state\na:x,1\n", "Row 2 has 2 cells; the first has 4"),
    "an open quote": (b'id,en,es,state\n"a:x,1', "This is not CSV"),
    "a large cell": (b"id,en,es,state\na:x," + b"x" * 200_000 + b",y,\n", "This is not CSV"),
    "latin-1": ("id,en,es,state\na:x,é,é,\n".encode("latin-1"), "Save it as 'CSV UTF-8'"),
    "utf-16": ("id,en,es,state\na:x,1,2,\n".encode("utf-16"), "Save it as 'CSV UTF-8'"),
    "a spreadsheet": (b"PK\x03\x04\xff\xff", "Save it as 'CSV UTF-8'"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_translation_is_refused(data, reason):
    with pytest.raises(UnreadableTranslation, match=reason):
        read_translation(data)


def test_a_character_that_xml_cannot_hold_is_named_with_its_unit():
    with pytest.raises(UnreadableTranslation, match=r"'checkup:x:1' has the character U\+000B"):
        write_xliff(rows(["fine", "not\x0bfine"]))
    assert read_translation(write_csv(rows(["not\x0bfine"]))) == rows(["not\x0bfine"])
