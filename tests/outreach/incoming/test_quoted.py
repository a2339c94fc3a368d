"""What a person wrote, without what the mail quotes."""

import pytest

from journeys.outreach.incoming import own_words

QUOTED = {
    "a quotation": "> On Friday\n> at ten",
    "a line before it": "On Tue, Mar 3, 2026 at 9:14 AM The Clinic <care@clinic.example> wrote:\n> On Friday",
    "that line broken": "On Tue, Mar 3, 2026 at 9:14 AM The Clinic <\ncare@clinic.example>\nwrote:\n\n> On Friday",
    "the same in Spanish": "El mar, 3 mar 2026 a las 9:14, Clínica (<care@clinic.example>) escribió:\n\n> El viernes",
    "a line before unmarked text": "El 3/3/26 a las 9:14, La Clínica escribió:\n\nEl viernes",
    "a line that begins with a name": "The Clinic <care@clinic.example> wrote:\n\nOn Friday",
    "a signature": "-- \nAna Ruiz\nBaja 12",
    "a signature without its blank": "--\nAna Ruiz",
    "Outlook's divider": "-----Original Message-----\nFrom: The Clinic\nOn Friday",
    "a divider in Spanish": "-------- Mensaje original --------\nEl viernes",
    "a forwarded mail": "---------- Forwarded message ---------\nOn Friday",
    "Outlook's header": "____________________\nFrom: The Clinic\nSent: Tuesday\nTo: Ana\nSubject: Scan\n\nOn Friday",
    "Outlook's header in Spanish, bold": "*De:* La Clínica\n*Enviado el:* martes\n*Para:* Ana\n\nEl viernes",
    "a phone's line": "Sent from my iPhone",
    "a phone's line with an address": "Obtener Outlook para Android<https://outlook.example/get-it>",
    "a phone's line and a quotation": "Enviado desde mi Samsung\n\nEl 3 mar 2026, La Clínica escribió:\n> El viernes",
}


@pytest.mark.parametrize("quoted", QUOTED.values(), ids=QUOTED)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_quoted_below_is_cut(quoted, end):
    assert own_words(f"Thank you\n\n{quoted}\n".replace("\n", end)) == "Thank you"


def test_words_below_and_between_quotations_stay():
    text = "El 3/3/26 escribió:\n> ¿El viernes?\nSí\n> ¿A las diez?\n\nMejor a las once\n"
    assert own_words(text) == "Sí\n\nMejor a las once"


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I felt dizzy.\nThen my doctor wrote:\n\nrest",
        "El lunes me mareé. Luego\nmejor",
        "From: home I walk 10 minutes",
        "5 > 3 -- and so on",
        "On 3 March I fell\n\nmy doctor wrote:",
        "my doctor wrote:\n\nrest",
        "Sent from my doctor to you: I would like to stop taking it",
    ],
)
def test_words_that_only_resemble_a_quotation_stay(text):
    assert own_words(text) == text
