"""A mistake in what a track declares for all its states is one problem."""

from tests.authoring.lint.checking import SEEN, check

TRACK = """\
        tracks:
          care:
            initial: home
            on:
              {shared}
            states:
              home: {{title: {{en: Home}}, on: {{{home}}}}}
              ward: {{title: {{en: Ward}}}}
              away: {{title: {{en: Away}}}}
        """


def track(shared, home="came: ward"):
    return TRACK.format(shared=shared, home=home)


def test_a_mistake_in_a_shared_transition_is_reported_once():
    check(
        track("came: [{when: 'away_for_long', to: ward}, {otherwise: away}]", "came: away"),
        (5, "condition", "Unknown fact or condition 'away_for_long'."),
        before=SEEN,
    )
    check(
        track("cane: home", "came: [{when: \"visits('care.away') > 1\", to: ward}, {otherwise: away}]"),
        (5, "unknown-trigger", "'cane'. Did you mean 'came'? (In 'on' of 'away'.) The same in 1 other state of the"),
        before=SEEN,
    )


def test_mistakes_of_single_states_are_reported_each():
    check(
        track("came: home", "cane: ward, cone: away"),
        (7, "unknown-trigger", "'cane'"),
        (7, "unknown-trigger", "'cone'"),
        before=SEEN,
    )
