"""Every word on the screen comes from one JSON catalogue per language; this looks them up."""

import json
from pathlib import Path
from typing import Any

CATALOGUES = Path(__file__).parent / "assets" / "words"


class Words:
    """`words("state.READY")` is the text; `words("map.limit", limit="1.00")` fills its places.

    An unknown key shows itself instead of raising: a missing word must never stop a screen. A test looks for them.
    """

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def __call__(self, key: str, **values: Any) -> str:
        """The text of `key` with its places filled."""
        text = self._texts.get(key, key)
        try:
            return text.format(**values) if values else text
        except (KeyError, IndexError, ValueError):
            return text

    def listed(self) -> tuple[str, ...]:
        """Every key there is."""
        return tuple(self._texts)

    def has(self, key: str) -> bool:
        """Whether the catalogue knows `key`."""
        return key in self._texts


def load_chosen(language: str) -> Words:
    """The catalogue of `language`, or English when it cannot be read."""
    try:
        return load_words(language)
    except (OSError, ValueError):
        return load_words()


def languages() -> dict[str, str]:
    """Every catalogue that can be read: code and the language's own name for itself, English first."""
    found = {}
    for path in sorted(CATALOGUES.glob("*.json"), key=lambda path: (path.stem != "en", path.stem)):
        try:
            found[path.stem] = load_words(path.stem)("language.name")
        except (OSError, ValueError):
            continue
    return found


def load_words(language: str = "en") -> Words:
    """The catalogue of `language`. Raises OSError or ValueError when it cannot be read: nothing can be shown without it."""
    texts = json.loads((CATALOGUES / f"{language}.json").read_text(encoding="utf-8"))
    return Words({str(key): str(text) for key, text in texts.items()})
