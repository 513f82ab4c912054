# SPDX-License-Identifier: BSD-3-Clause
"""reading: what must hold of every page for people, however they read it (WCAG 2.1 AA, as far as a program can tell)."""
import html.parser
import re

VOID = {"meta", "input", "br", "link", "img"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.style, self.shown = [], [], "", ""
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), (tag, attributes)
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> within {self.open}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.shown += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    return sum(share * (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4)
               for share, v in zip((0.2126, 0.7152, 0.0722), parts))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(style):
    """(background, text and link colours) of the light and of the dark scheme."""
    light, _, dark = style.partition("@media(prefers-color-scheme:dark)")
    for part in (light, dark):
        body = re.search(r"body\{[^}]*?background:(#\w+);color:(#\w+)", part)
        yield body[1], [body[2], re.search(r"(?<![\w-])a\{color:(#\w+)", part)[1]]


def check(text, language):
    """Asserts it; returns the page."""
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>") and page.all("html")[0]["lang"].startswith(language)
    for tag in ("title", "main", "h1"):
        assert len(page.all(tag)) == 1, tag
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids)), ids
    labels = {a["for"] for a in page.all("label")}
    for tag in ("input", "textarea"):
        for a in page.all(tag):
            assert a.get("type") == "hidden" or a["id"] in labels, a
            assert set(a.get("aria-describedby", "").split()) <= set(ids), a
    assert "viewport" in [a.get("name") for a in page.all("meta")]
    assert ":focus-visible{outline:" in page.style
    for background, texts in colours(page.style):
        for colour in texts:
            assert contrast(background, colour) >= 4.5, (background, colour)
    for tag, a in page.elements:
        assert tag not in ("script", "img", "link", "iframe", "object", "base"), tag
        assert not any(name.startswith("on") or name in ("src", "style") for name in a), (tag, a)
        assert not re.match(r"(?i)\s*(javascript|data):", a.get("href", "")), a
    return page
