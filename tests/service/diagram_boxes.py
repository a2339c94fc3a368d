"""Measures a diagram in Chromium: words outside their boxes, and labels that lie on another."""

from __future__ import annotations

MEASURE = """
svg => {
  const SLACK = 0.6;
  const round = rect => [rect.left, rect.top, rect.right, rect.bottom].map(number => Math.round(number * 10) / 10);
  const drawn = element => element.getClientRects().length > 0;
  const groups = [...svg.querySelectorAll('g.node, g.edge, g.cluster')].map(group => ({
    group, name: group.id,
    texts: [...group.querySelectorAll('text')].filter(drawn),
    shapes: group.classList.contains('edge') ? [] : [...group.querySelectorAll('path, polygon, ellipse')],
  }));
  const union = rects => ({
    left: Math.min(...rects.map(rect => rect.left)), right: Math.max(...rects.map(rect => rect.right)),
    top: Math.min(...rects.map(rect => rect.top)), bottom: Math.max(...rects.map(rect => rect.bottom)),
  });
  const problems = [];
  let texts = 0;
  const labels = [];
  for (const {name, texts: lines, shapes} of groups) {
    if (lines.length === 0) continue;
    const rects = lines.map(line => line.getBoundingClientRect());
    texts += lines.length;
    labels.push({name, rect: union(rects)});
    if (shapes.length === 0) continue;
    const box = union(shapes.map(shape => shape.getBoundingClientRect()));
    lines.forEach((line, index) => {
      const rect = rects[index];
      const isInside = rect.left >= box.left - SLACK && rect.right <= box.right + SLACK
        && rect.top >= box.top - SLACK && rect.bottom <= box.bottom + SLACK;
      if (!isInside) problems.push(`${name}: "${line.textContent}" ${round(rect)} is outside ${round(box)}`);
    });
  }
  const nodes = groups.filter(({group, shapes}) => group.classList.contains('node') && shapes.length)
    .map(({name, shapes}) => ({name, rect: union(shapes.map(shape => shape.getBoundingClientRect()))}));
  const meet = (one, other, start, end) => Math.min(one[end], other[end]) - Math.max(one[start], other[start]) > SLACK;
  const overlap = ({rect: one}, {rect: other}) =>
    meet(one, other, 'left', 'right') && meet(one, other, 'top', 'bottom');
  labels.forEach((one, index) => {
    for (const other of labels.slice(index + 1)) {
      if (overlap(one, other)) problems.push(`${one.name} lies on ${other.name}, at ${round(one.rect)}`);
    }
    for (const node of nodes) {
      if (node.name !== one.name && overlap(one, node)) problems.push(`${one.name} lies on the box of ${node.name}`);
    }
  });
  return {texts, problems};
}
"""


def measure(page, selector: str = "svg") -> tuple[int, list[str]]:
    """The number of texts that a diagram shows, and every text outside its box or on another label."""
    measured = page.locator(selector).first.evaluate(MEASURE)
    return measured["texts"], measured["problems"]
