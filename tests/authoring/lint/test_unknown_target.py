"""Every `to` names a state that exists in its scope."""

from tests.authoring.lint.checking import check

TRIGGERS = """\
triggers:
  came: {title: {en: Seen}}
  gone: {title: {en: Gone}}
facts:
  well: {type: boolean, title: {en: Well}, lasting: true}
"""


def test_siblings_children_and_paths_are_found():
    check(
        """\
        tracks:
          care:
            initial: home
            states:
              home: {title: {en: Home}, on: {came: ward.bed, gone: stay}}
              ward:
                title: {en: Ward}
                initial: bed
                on: {came: bed, gone: home}
                states:
                  bed: {title: {en: Bed}, on: {came: chair, gone: ward}}
                  chair: {title: {en: Chair}, on: {came: home}, after: [{delay: P1D, to: bed}]}
        """,
        before=TRIGGERS,
    )


def test_a_misspelt_state_is_reported_where_it_stands():
    check(
        """\
        tracks:
          care:
            initial: home
            states:
              home:
                title: {en: Home}
                on:
                  gone: hom
                  came:
                    - when: well
                      to: ward.bet
                    - otherwise: hospital
                after:
                  - delay: P1D
                    to: wart
                  - {delay: P2D, to: ward}
              ward:
                title: {en: Ward}
                initial: bed
                states:
                  bed: {title: {en: Bed}, on: {came: home}}
        """,
        (8, "unknown-target", "Unknown state 'hom' ('gone' in 'home'). Did you mean 'home'?"),
        (11, "unknown-target", "Unknown state 'ward.bet' ('came' in 'home'). Did you mean 'ward.bed'?"),
        (
            12,
            "unknown-target",
            "Unknown state 'hospital' ('came' in 'home'). Accepted: bed, home, ward, ward.bed.",
        ),
        (15, "unknown-target", "Unknown state 'wart' (a timer in 'home'). Did you mean 'ward'?"),
        before=TRIGGERS,
    )


def test_a_child_of_a_sibling_needs_its_path():
    check(
        """\
        tracks:
          care:
            initial: home
            states:
              home: {title: {en: Home}, on: {came: bed, gone: ward}}
              ward:
                title: {en: Ward}
                initial: bed
                on: {came: home}
                states:
                  bed: {title: {en: Bed}}
        """,
        (5, "unknown-target", "Unknown state 'bed' ('came' in 'home'). Did you mean 'ward.bed'?"),
        before=TRIGGERS,
    )


def test_a_state_of_another_track_cannot_be_entered():
    check(
        """\
        tracks:
          care:
            initial: home
            states:
              home: {title: {en: Home}, on: {came: calm}}
          mood:
            initial: calm
            states:
              calm: {title: {en: Calm}, on: {came: stay}}
        """,
        (5, "unknown-target", "Unknown state 'calm' ('came' in 'home'). A transition stays in its track"),
        before=TRIGGERS,
    )


def test_a_path_begins_inside_the_track():
    check(
        """\
        tracks:
          care:
            initial: home
            states:
              home: {title: {en: Home}, on: {came: care.ward, gone: ward}}
              ward: {title: {en: Ward}, on: {came: home}}
        """,
        (5, "unknown-target", "Unknown state 'care.ward' ('came' in 'home'). Did you mean 'ward'?"),
        before=TRIGGERS,
    )
