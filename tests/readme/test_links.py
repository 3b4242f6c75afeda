"""The links of all pages lead somewhere: to a file of the repository, and to a heading in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page for page in ROOT.rglob("*.md") if not page.relative_to(ROOT).parts[0].startswith((".", "build"))
)
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`|^ {4}.*$", re.M | re.S)


def anchors(page):
    """The names of its headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken(page):
    for link in re.findall(r"\]\(([^)\s]*)\)", CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or ROOT not in [target, *target.parents] or (anchor and anchor not in anchors(target)):
            yield link


def test_there_are_pages():
    assert ROOT / "README.md" in PAGES and len(PAGES) > 15


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    assert list(broken(page)) == []


@pytest.mark.parametrize("text", ["[x](nowhere.md)", "[x](page.md#no-such)", "[x](../../etc)"])
def test_a_broken_link_is_noticed(text, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "page.md").write_text(f"# A heading\n\n{text} [y](page.md#a-heading)\n")
    assert len(list(broken(tmp_path / "page.md"))) == 1
