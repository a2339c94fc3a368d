"""e: rendering a page in process, against bare Jinja and markdown-it on the same text."""

from __future__ import annotations

from jinja2 import Environment, FunctionLoader, Undefined
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from benchmarks.database import JOURNEY, ROOT, BenchDatabase, sqlite_database
from benchmarks.harness import Bench, Line, against, by_turns, rate
from journeys.content.catalogue import select, world_of
from journeys.content.rendering import Renderer
from journeys.definition.programmes import text_of as text_of_value
from journeys.engine import State
from service.enrollments.store import enrollments
from service.platform import clock


def measure(bench: Bench) -> list[Line]:
    with sqlite_database(bench, "e") as database:
        return pages(bench, database)


def pages(bench: Bench, database: BenchDatabase) -> list[Line]:
    (enrollment,) = database.copies(range(1))
    database.advance(enrollment)
    with database.service.database.reading() as connection:
        stored = enrollments.load(connection, enrollment)
        assert stored is not None and stored.enrollment.state is not None
        release = database.service.library.releases(connection)[stored.enrollment.release]
        servable = database.service.library.servable_content(
            connection, release, stored.standing, stored.programme, locale="en", now=clock.present()
        )
    state: State = stored.enrollment.state
    now = clock.present()
    shown = [selected for selected in select(servable.catalogue, state, now) if "web" in selected.piece.channels]
    worlds = [(selected.piece, world_of(state, now, selected.stay)) for selected in shown]
    environment = Environment(autoescape=False, loader=FunctionLoader(partial_of))
    environment.tests["known"] = lambda value: not isinstance(value, Undefined)
    environment.globals["in_state"] = lambda path: any(path.endswith(stay.state) for stay in state.tracks["disease"])
    environment.filters |= {"date": str, "label": str}
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").use(footnote_plugin)
    values: dict[str, object] = {name: str(fact.value) for name, fact in state.facts.items()}
    values["programme"] = {name: text_of_value(servable.values, name, "en") for name in servable.values}
    templates = [environment.from_string(text_of(piece.key)) for piece, _ in worlds]
    count = bench.count(60, 1)

    def ours() -> None:
        for _ in range(count):
            for piece, world in worlds:
                servable.renderer.render(piece, servable.catalogue.plan, world, locale="en", channel="page")

    def ours_cold() -> None:
        for _ in range(count):
            for piece, world in worlds:
                Renderer().render(piece, servable.catalogue.plan, world, locale="en", channel="page")

    def limit() -> None:
        for _ in range(count):
            for template in templates:
                markdown.render(template.render(values))

    total = count * len(worlds)
    note = f"{len(worlds)} pages"
    lines = []
    for case, work in (("a page, as served", ours), ("a page, nothing cached", ours_cold)):

        def run(_: int, work: object = work) -> float:
            return rate(total, work)  # type: ignore[arg-type]

        figures = by_turns(bench, {"ours": run, "limit": lambda _: rate(total, limit)})
        lines.append(against("e", case, "pages/s", figures, reach=0.5, note=note))
    return lines


def text_of(key: str) -> str:
    """Return the English text of a piece from its file, without the front matter."""
    (folder,) = (ROOT / "content" / JOURNEY).rglob(key)
    _, _, text = (folder / "en.md").read_text().split("---\n", 2)
    return text


def partial_of(name: str) -> str:
    """Return the English text of a partial."""
    return (ROOT / "content" / JOURNEY / "_partials" / f"{name}.en.md").read_text()
