"""Regular expressions of the page: each costs in proportion to what it sees."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from hubbub.server.http.assets import FOLDER
from tests.test_expressions import ENDS, UNITS

# A literal stands where a value may begin; within it, a slash is escaped or in a class.
LITERAL = re.compile(
    r"(?:[(,=!?:&|]|return) ?"
    r"(/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[dgimsuvy]*)(?=[.,;)\s])"
)

COST = """([literal, units, ends]) => {
  const pattern = eval(literal);
  let worst = [0, ""];
  for (const unit of units) for (const end of ends) {
    const text = unit.repeat(Math.floor(20000 / unit.length)) + end;
    const began = performance.now();
    pattern.lastIndex = 0;
    pattern.test(text);
    text.replace(pattern, "");
    const took = performance.now() - began;
    if (took > worst[0]) worst = [took, JSON.stringify([unit, end])];
  }
  return worst;
}"""


def literals() -> list[str]:
    found = {
        match[1] for path in FOLDER.rglob("*.js") for match in LITERAL.finditer(path.read_text())
    }
    return sorted(found)


@pytest.mark.slow
def test_an_expression_of_the_page_costs_in_proportion_to_its_input(browser: Browser) -> None:
    page = browser.new_page()
    assert len(literals()) > 30
    costs = {text: page.evaluate(COST, [text, UNITS, ENDS]) for text in literals()}
    page.close()
    assert {text: cost for text, cost in costs.items() if cost[0] > 400} == {}
