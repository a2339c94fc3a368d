"""Two pieces that a patient may see at once have different orders."""

import pytest

from tests.authoring.lint.texts import FRONT, MESSAGE, check_folder

JOURNEY = """\
journey: sample
title: {en: A sample}
locales: [en]
facts:
  pace: {type: choice, values: [slow, fast], title: {en: Pace}, labels: {slow: {en: Slow}, fast: {en: Fast}}}
triggers:
  came: {by: [staff], title: {en: Seen}, requires: [pace]}
ends:
  died: {title: {en: Died}}
tracks:
  care:
    initial: here
    states:
      here: {title: {en: Here}, on: {came: there}}
      there: {title: {en: There}, on: {came: stay}}
  rest:
    initial: awake
    states:
      awake: {title: {en: Awake}, on: {came: stay}}
"""


PIECES = {"care/here/walk": "order: 102\n", "care/there/stay": "order: 101\n", "rest/awake/rest": ""}


def files(pieces):
    """Return the files of the journey with some more pieces: by folder, the lines of `piece.yaml` but the purpose."""
    by_path = {"definitions/sample.yaml": JOURNEY}
    for folder, lines in {**PIECES, **pieces}.items():
        by_path[shared(folder)] = f"{lines}purpose: education\n"
        by_path[f"content/sample/{folder}/en.md"] = FRONT.format("") + MESSAGE
    return by_path


def shared(folder):
    return f"content/sample/{folder}/piece.yaml"


@pytest.mark.parametrize(
    "pieces",
    [
        {"care/here/run": "order: 5\n", "care/there/ride": "order: 5\n"},
        {
            "care/here/run": "order: 5\nwhen: \"pace == 'fast'\"\n",
            "care/stroll": "order: 5\nwhen: \"pace == 'slow'\"\n",
        },
        {
            "care/here/run": "order: 5\nwhen: pace is known\n",
            "rest/awake/nap": "order: 5\nwhen: pace is not known\n",
        },
        {"rest/nap": "order: 5\nwhen: \"in_state('care.there')\"\n", "care/here/run": "order: 5\n"},
        {"care/here/run": "order: 102\nreminder: true\n"},
    ],
    ids=["other states", "conditions exclude each other", "known or not", "a condition on the state", "a reminder"],
)
def test_pieces_that_never_meet_may_share_an_order(tmp_path, pieces):
    check_folder(tmp_path, files(pieces))


@pytest.mark.parametrize(
    ("pieces", "second"),
    [
        ({"care/here/run": "order: 102\n"}, "care/here/walk"),
        ({"care/run": "order: 102\n"}, "care/here/walk"),
        ({"rest/awake/nap": "order: 102\n"}, "care/here/walk"),
        ({"care/here/run": "order: 102\nwhen: \"pace == 'fast'\"\n"}, "care/here/walk"),
    ],
    ids=["one state", "the state around", "another track", "one of them has a condition"],
)
def test_pieces_that_may_meet_are_refused(tmp_path, pieces, second):
    check_folder(tmp_path, files(pieces), (shared(second), 1, "same-order"))


def test_the_order_by_default_counts_too(tmp_path):
    check_folder(tmp_path, files({"care/here/a-walk": ""}), (shared("rest/awake/rest"), 1, "same-order"))
