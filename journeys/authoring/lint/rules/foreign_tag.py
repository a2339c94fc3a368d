"""No text contains a tag of another program, such as `%%name%%`, `${name}`, `[[name]]`, `*|NAME|*` or `<<name>>`.

Tools for mail and patient letters fill in such tags; here nothing does, so patients would read them. In YAML `{{ … }}`
and `{% … %}` are not filled in either. Comments of YAML files are left out.

Wrong: `Hello %%first_name%%`. Right: `Hello {{ goes_by }}`, where the journey declares the fact `goes_by`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from journeys.primitives.problems import Problem

ID = "foreign-tag"
_NAME = r"[^\W\d][\w.:| -]{0,60}"
_EVERYWHERE = (
    rf"%%(?:{_NAME}|[=\[][^%\n]{{1,60}})%%|\{{?\$\{{[^{{}}\n]{{1,60}}\}}|\#\{{{_NAME}\}}|\[\[ ?{_NAME}\]\](?!\()"
    rf"|\[%{_NAME}%\]"
    r"|\{\{\{[^{}\n]{1,60}\}\}\}|\{[$!@|][^{}\n]{1,60}\}|\*\|[^|\n]{1,60}\|\*|<%[^%\n]{1,60}%>|<\?[^\n]{1,60}?\?>"
    rf"|<</?\[?{_NAME}\]?>>|(?<![\w@])@@?[^\W\d]\w{{0,60}}@@?(?!\w)|«[A-Za-z]\w*[_.]\w+»|«[A-Z]\w*[a-z][A-Z]\w*»"
    r"|(?<![\w{%])%(?![0-9A-Fa-f]{2}%)[^\W\d][\w.-]{0,60}%(?!\w)|%\([\w.]{1,60}\)s|[%@]\{[\w.]{1,60}\}"
    r"|(?<![\w#&])#{1,3}[^\W\d]\w{0,60}#{1,3}|(?<![\w$])\$(?:!?[a-z_][\w.]{0,60}|[A-Z]\w{0,60}[$_]\w{0,60})\$?"
)
_IN_TEXT = re.compile(
    rf"{_EVERYWHERE}|(?<!\{{)\{{(?![%#])[^{{}}\n]{{1,60}}\}}(?!\}})|\[[^\W\d]\w{{0,60}}[_:]\w{{1,60}}\](?![(\[:])"
)
_IN_YAML = re.compile(rf"{_EVERYWHERE}|\{{\{{[^{{}}\n]{{1,60}}\}}\}}|\{{%[^%\n]{{1,60}}%\}}|\{{ ?[\w.]{{1,60}} ?\}}")
_COMMENT = re.compile(r"""(?<![^\s\[{,])("(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*')|(?:^|(?<=\s))#.*""")
#: A scalar in quotes, which is kept, or a comment.


def check(files: Mapping[str, str]) -> Iterator[Problem]:
    """Yields a problem for each tag."""
    for file, text in files.items():
        if file.endswith(".svg"):
            continue
        is_text = file.endswith(".md")
        hint = "write {{ fact }} or {{ programme.value }}" if is_text else "write the words themselves"
        for number, line in enumerate(text.split("\n"), start=1):
            for tag in (_IN_TEXT if is_text else _IN_YAML).finditer(line if is_text else _COMMENT.sub(r"\1", line)):
                message = f"'{tag[0][:60]}' is a tag of another program and would be shown as written; {hint}."
                yield Problem(file, number, tag.start() + 1, "error", ID, message)
