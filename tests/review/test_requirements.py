"""The required signatures, as a setting writes them: what is accepted, and what an error says."""

import pytest

from journeys.review.approval import Requirements, read_requirements, requirements_text


def test_different_functions_need_different_people_unless_the_setting_says_otherwise():
    assert Requirements().different_people and read_requirements("support=").different_people
    assert not read_requirements("marketing=medical+legal; different_people=false").different_people


def test_a_table_is_the_same_as_its_text():
    table = {"education": ["medical", "legal"], "expires_after": "P6M", "different_people": False}
    assert read_requirements(requirements_text(table)) == read_requirements(
        "education=medical+legal; expires_after=P6M; different_people=false"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("different_people=no", "true or false for different_people, not 'no'"),
        ("different_persons=true", "'different_persons' is unknown. Did you mean 'different_people'?"),
        ("education", "expires_after and different_people; 'education' is unknown"),
        ("expires_after=P0D", "more than zero"),
        ("education=M!", "'M!' is invalid"),
    ],
)
def test_a_wrong_text_is_named(text, says):
    with pytest.raises(ValueError, match="takes ") as wrong:
        read_requirements(text)
    assert says in str(wrong.value)


@pytest.mark.parametrize(
    "table",
    [{"different_people": "no"}, {"different_people": ["medical"]}, {"education": True}, {"expires_after": ["P1Y"]}],
)
def test_a_wrong_table_is_named(table):
    with pytest.raises(ValueError, match="takes "):
        read_requirements(requirements_text(table))
