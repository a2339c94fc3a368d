"""The words of each language by which incoming messages are recognized: data, no rules.

Words of replies are written as `replies.folded` leaves them: small letters without accents, blanks for punctuation.
"""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH = "en"
OPT_OUT: Mapping[str, tuple[str, ...]] = {
    ENGLISH: ("stop", "quit", "end", "revoke", "opt out", "optout", "cancel", "unsubscribe", "stopall"),
    "es": ("alto", "baja", "parar", "cancelar", "detener", "salir", "no mas", "dar de baja", "darme de baja"),
}
#: Alone they are a revocation. English: those of 47 CFR 64.1200(a)(10), and `stopall`, which carriers act upon.
OPT_OUT_AMONG_OTHERS: Mapping[str, tuple[str, ...]] = {
    ENGLISH: ("stop", "revoke", "opt out", "optout", "unsubscribe", "stopall"),
    "es": ("dar de baja", "darme de baja", "no mas mensajes", "no mas correos", "no mas avisos"),
}
#: Among other words they may be a revocation. Left out are words that people use of their health and their visits: quit
#: (smoking), (at the) end, cancel and cancelar (a visit), alto and baja (values), parar and detener (a cough, blood),
#: salir (of bed), no más (not more than). Such a text is read by a person, like any other.
HELP: Mapping[str, tuple[str, ...]] = {ENGLISH: ("help", "info"), "es": ("ayuda",)}
#: English: the words that carriers ask every sender of text messages to answer (CTIA, Messaging Principles).

REPLY_PREFIXES = ("re:", "aw:", "rv:", "fw:", "fwd:")
#: What mail programs put before the subject of the message that is answered or forwarded, in small letters.
ABSENCE_SUBJECTS = (
    *("automatic reply:", "auto reply:", "autoreply:", "auto-reply:", "out of office:", "out of the office:"),
    *("respuesta automática:", "respuesta automatica:", "fuera de la oficina:", "fuera de oficina:"),
)
#: How the subjects of answering machines begin, in small letters; old ones set no header.

ATTRIBUTION_BEGINNINGS = ("on ", "el ")
ATTRIBUTION_ENDS = ("wrote:", "escribió:", "escribio:")
#: The line before a quotation: `On Tue, Mar 3, 2026 at 9:14 AM Clinic <...> wrote:`.
DIVIDERS = ("original message", "forwarded message", "mensaje original", "mensaje reenviado")
#: The text between dashes above a quotation.
SENDER_LABELS = ("from:", "de:")
DATE_LABELS = ("sent:", "date:", "enviado:", "enviado el:", "fecha:")
#: The header block that Outlook writes above a quotation: the sender, then the date.
PROGRAM_LINES = (
    *("sent from my ", "sent from outlook", "sent from yahoo", "sent from mail", "get outlook for "),
    *("enviado desde mi ", "enviado desde outlook", "enviado desde yahoo", "enviado desde correo"),
    *("obtener outlook para ", "obtén outlook para "),
)
#: How the lines begin that phones add below every message.
