"""The API keys of the demo, kept where `palier demo` finds them again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path


class DemoKeys:
    """A file in the data folder that only its owner reads: one key per role, in clear, for a demo without secrets."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "demo-keys.json"

    def read(self) -> dict[str, str]:
        """Keys by role; empty when there is no demo."""
        try:
            found: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return found

    def write(self, keys: Mapping[str, str]) -> None:
        """Put the keys in place of those before; a reader sees the old file or the new one, never a part."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(dict(keys), file, indent=2)
        fresh.replace(self._path)
