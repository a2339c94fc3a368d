"""Reads what a file says of the triggers and facts of one release, for mappings of other systems' data."""

from __future__ import annotations

from collections.abc import Collection

from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import Value, read_text
from journeys.definition.model import ANSWERED, Fact
from journeys.definition.reading import Node, Scalar, Sequence, Shape, kinds
from journeys.definition.reading.forms import FileForm, FormField
from journeys.primitives.problems import did_you_mean


class ReleaseShape(Shape):
    """The problems of a file that names triggers and facts of one release.

    `reporter` says in messages who reports, such as "a record counts as".
    """

    def __init__(self, file: str, rule: str, plan: ReleasePlan) -> None:
        super().__init__(file, rule)
        self.plan = plan
        self.journey = plan.journey

    def trigger(self, form: FileForm, field: FormField[str], by: str, reporter: str) -> str:
        """The trigger or end that a form names, or `answered`; this kind of reporter must be able to report it.

        An empty text where it names none of them.
        """
        triggers = {**self.journey.triggers, **self.journey.ends}
        name = form.read_as(field, kinds.one_of((*triggers, ANSWERED)))
        if name in triggers and by not in triggers[name].by:
            self.problem(form.marks[field.key], f"'{name}' cannot be reported by {by}, and {reporter} {by}.")
        return name

    def fact(self, name: Scalar, by: str, reporter: str) -> Fact | None:
        """The fact of a name, or None; this kind of reporter must be able to tell it."""
        fact = self.journey.facts.get(name.text)
        if fact is None:
            hint = did_you_mean(name.text, self.journey.facts)
            self.problem(name.mark, f"'{name.text[:80]}' is not a fact of the journey.{hint}")
        elif by not in fact.by:
            self.problem(name.mark, f"'{name.text}' cannot be told by {by}, and {reporter} {by}.")
        return fact

    def complete_groups(self, node: Node | None, names: Collection[str], subject: str, owner: str) -> None:
        """Notes the groups of facts of which only some are told; `owner` is who might not know the others."""
        for group, members in self.journey.groups.items():
            group_names = [member.text for member in members]
            missing = [name for name in group_names if name not in names]
            if node is not None and missing and len(missing) < len(group_names):
                self.problem(
                    node.mark,
                    f"The facts of '{group}' are told together; {subject} lacks {', '.join(missing)}. "
                    f"Write 'declined' where {owner} does not say.",
                )

    def table(self, fact: Fact, node: Node | None, subject: str) -> dict[str, Value]:
        """The values of a fact by the text that a table lists for each."""
        table = {}
        for text, node_of_value in self.entries(node, f"the table of {subject}"):
            value = self.constant(fact, node_of_value)
            if value is not None:
                table[text.text] = value
        return table

    def constant(self, fact: Fact, node: Node) -> Value | None:
        """The value of a fact as an author writes it, or None."""
        subject = f"The fact '{fact.name}'"
        try:
            if isinstance(node, Sequence):
                return fact.kind.read([text.text for text in self.texts(node, subject)])
            return read_text(fact.kind, self.text(node, subject))
        except ValueError:
            accepts = fact.kind.accepts()
            hint = did_you_mean(node.text, fact.kind.values) if isinstance(node, Scalar) and fact.kind.values else ""
            hint = hint if hint.startswith(" Did") else ""
            message = f"The value of the fact '{fact.name}' must be {accepts}, or 'declined'.{hint}"
            self.problem(node.mark, message)
            return None
