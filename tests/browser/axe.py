"""axe-core on a page: what keeps people from using it, by name and place."""

from importlib.resources import files

from playwright.sync_api import Page

_SOURCE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
_RUN = """async () => {
  const levels = {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]};
  const found = await axe.run(document, {runOnly: levels, resultTypes: ["violations"]});
  if (!found.passes.length) throw new Error("axe looked at nothing");
  return found.violations
    .filter((each) => ["serious", "critical"].includes(each.impact))
    .flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.target.join(" ")}`));
}"""


def serious(page: Page) -> list[str]:
    """What axe finds that is serious or critical, as `rule: place`."""
    page.evaluate(_SOURCE)  # not as a script of the page: its policy lets none run
    found: list[str] = page.evaluate(_RUN)
    return found
