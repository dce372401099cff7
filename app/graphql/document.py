"""Documents: parsed, validated and measured once, then remembered by the hash of their text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

from app.domain.kernel.errors import refuse
from app.graphql.limits import Limits, check_document
from app.reading.lru import Lru


class InvalidDocumentError(Exception):
    """The document does not fit the schema; holds every finding."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


@dataclass(frozen=True, eq=False)
class Document:
    """A valid document. `digest` is the sha256 of its text."""

    digest: str
    node: DocumentNode

    @cached_property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """The document's fragments by name."""
        return {
            definition.name.value: definition
            for definition in self.node.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    @cached_property
    def _operations(self) -> list[OperationDefinitionNode]:
        return [node for node in self.node.definitions if isinstance(node, OperationDefinitionNode)]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation of that name, or the only one; else refuses `malformed_request`."""
        if name is None and len(self._operations) == 1:
            return self._operations[0]
        for operation in self._operations:
            if name is not None and operation.name and operation.name.value == name:
                return operation
        raise refuse("malformed_request", "`operationName` must name one of the document's operations.")


class Documents:
    """Texts to documents. A text that was refused once is examined again."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool, size: int = 1000) -> None:
        self._schema = schema
        self._limits = limits
        self._introspection = introspection
        self._known: Lru[bytes, Document] = Lru(size)

    def get(self, text: str) -> Document:
        """The document of a text. Raises InvalidDocumentError, or refuses `query_too_complex`."""
        digest = sha256(text.encode("utf-8", "surrogatepass"))
        if (known := self._known.get(digest.digest())) is not None:
            return known
        document = Document(digest.hexdigest(), self._examine(text))
        self._known.put(digest.digest(), document)
        return document

    def _examine(self, text: str) -> DocumentNode:
        limits: dict[str, Any] = {"max_tokens": self._limits.tokens, "allow_empty_selection_sets": False}
        try:
            node = parse(text, **limits)
        except GraphQLError as error:
            if "contains more than" in error.message:
                raise refuse("query_too_complex", error.message, limit=self._limits.tokens) from error
            raise InvalidDocumentError([error]) from error
        check_document(node, self._limits, introspection=self._introspection)
        # Suggestions would tell the names that introspection is off to hide.
        errors = validate(self._schema, node, max_errors=20, hide_suggestions=not self._introspection)
        if errors:
            raise InvalidDocumentError(errors)
        return node
