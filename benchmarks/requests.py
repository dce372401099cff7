"""What is sent: the same bytes to every web server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

VERSION = "@@@@@@@@@"
"""Stands for the version that is expected of the subject; nine places, so that every length stays."""


@dataclass(frozen=True)
class Request:
    """One HTTP request; `body` is sent as JSON."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        return b"" if self.body is None else json.dumps(self.body).encode()

    def at_version(self, version: int) -> Request:
        """The same request, expecting a version."""
        digits = f"{version:09d}"
        body = None if self.body is None else json.loads(self.content.replace(VERSION.encode(), digits.encode()))
        headers = {name: value.replace(VERSION, digits) for name, value in self.headers.items()}
        return replace(self, body=body, headers=headers)

    def raw(self, key: str) -> bytes:
        """The request as it goes over the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "host: 127.0.0.1", f"authorization: Bearer {key}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body is not None:
            lines += ["content-type: application/json", f"content-length: {len(self.content)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.content


def graphql(document: str, **variables: Any) -> Request:
    """A GraphQL operation."""
    return Request("POST", "/graphql", {"query": " ".join(document.split()), "variables": variables})
