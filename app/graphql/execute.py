"""One request to `/graphql`: its text to a document, the document to a plan, the plan to one statement."""

from __future__ import annotations

import logging
from asyncio import Lock
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson
from graphql import ExecutionResult, OperationDefinitionNode, OperationType, execute
from graphql.execution import get_variable_values
from graphql.execution.values import VariableValues

from app.domain.kernel.errors import DomainError, LimitExceeded, refuse
from app.domain.kernel.scope import Actor
from app.graphql.document import Document, Documents, InvalidDocumentError
from app.graphql.errors import error_of, refused
from app.graphql.limits import Limits, check_cost, cost
from app.graphql.mutate import perform_all
from app.graphql.plan import NotAReadError, Plan, Planner
from app.graphql.schema import VIEWER, Published
from app.graphql.variables import skeleton, symbolic
from app.graphql.walk import Found, Info
from app.operations import Operations
from app.reading.compile import Compiled
from app.reading.lru import Lru
from app.reading.request import Dialect, Root

log = logging.getLogger(__name__)


class Trust(StrEnum):
    """Whether documents have to be known beforehand."""

    OFF = "off"
    LOG = "log"
    ENFORCE = "enforce"


@dataclass(frozen=True)
class Request:
    """What a client sent. `digest` is the sha256 of a document it does not repeat."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None
    digest: str = ""
    shows_cost: bool = False


def read_request(body: bytes | Mapping[str, Any]) -> Request:
    """The request in a JSON body, or a refusal `malformed_request`."""
    try:
        given = orjson.loads(body) if isinstance(body, bytes) else body
    except orjson.JSONDecodeError as error:
        raise refuse("malformed_request", f"The body is not valid JSON: {error}") from None
    if not isinstance(given, Mapping):
        raise refuse("malformed_request", 'Send a JSON object such as {"query": "{ viewer { name } }"}.')
    # A null stands for what was left out.
    given = {name: value for name, value in given.items() if value is not None}
    query, variables = given.get("query", ""), given.get("variables", {})
    operation, extensions = given.get("operationName"), given.get("extensions", {})
    if not (isinstance(query, str) and isinstance(variables, Mapping) and isinstance(extensions, Mapping)):
        raise refuse("malformed_request", "`query` must be a string, `variables` and `extensions` objects.")
    if operation is not None and not isinstance(operation, str):
        raise refuse("malformed_request", "`operationName` must be a string.")
    persisted = extensions.get("persistedQuery")
    digest = persisted.get("sha256Hash", "") if isinstance(persisted, Mapping) else ""
    return Request(query, variables, operation or None, str(digest), extensions.get("cost") is True)


@dataclass(frozen=True, slots=True)
class _Read:
    """A request that has become one statement with its values; without roots there is none. `cost` when it is shown."""

    compiled: Compiled | None
    values: Sequence[Any]
    cost: int | None


_LONGEST_REMEMBERED = 16_000
"""Bytes of a request that is worth remembering whole: front ends ask the same again."""


def _question(body: bytes | Mapping[str, Any], actor: Actor | None) -> tuple[Hashable, ...] | None:
    """What decides how a request is read; None where that is not to be remembered."""
    if actor is None or not isinstance(body, bytes) or len(body) > _LONGEST_REMEMBERED:
        return None
    return (body, actor.permissions, actor.sees_all_rows)


class GraphQL:
    """Executes requests on a published schema."""

    def __init__(
        self,
        published: Published,
        operations: Operations,
        *,
        limits: Limits | None = None,
        introspection: bool = True,
        trust: Trust = Trust.OFF,
        trusted: Mapping[str, str] | None = None,
        plans: int = 2000,
    ) -> None:
        self.published = published
        self.operations = operations
        self.limits = limits or Limits()
        self.documents = Documents(published.core, self.limits, introspection=introspection)
        self._trust = trust
        self._trusted = dict(trusted or {})
        self._plans: Lru[Hashable, Plan] = Lru(plans)
        self._reads: Lru[Hashable, _Read] = Lru(plans)

    async def execute(
        self, body: bytes | Mapping[str, Any], actor: Actor | None, *, engine: bool = True
    ) -> tuple[int, bytes]:
        """Status and body of the answer. `engine=False` forces the executor's way, which answers the same.

        Without an actor only the schema can be asked about, as anybody may read `openapi.json`.
        """
        try:
            question = _question(body, actor) if engine else None
            known = self._reads.get(question) if question else None
            if known and actor:
                return 200, await self._answer(known, actor)
            request = read_request(body)
            document = self.document(request)
            operation = document.operation(request.operation)
            variables = self.variables(operation, request.variables)
            if actor is None:
                self._require_introspection(document, operation, variables)
                return 200, await self._by_executor(document, operation, request, None)
            match operation.operation:
                case OperationType.SUBSCRIPTION:
                    detail = "Subscribe by WebSocket, or accept text/event-stream."
                    raise refuse("malformed_request", detail)
                case OperationType.MUTATION:
                    planner = Planner(self.published, document.fragments, variables)
                    return 200, await perform_all(planner, operation, actor, self.operations, self.limits)
            read = self._read(document, operation, variables, actor, request) if engine else None
            if read is not None:
                if question:
                    self._reads.put(question, read)
                return 200, await self._answer(read, actor)
            return 200, await self._by_executor(document, operation, request, actor)
        except InvalidDocumentError as invalid:
            return refused(*invalid.errors)
        except Exception as error:
            return refused(error)

    def document(self, request: Request) -> Document:
        """The valid document of a request, by its text or its hash."""
        text = request.query or self._trusted.get(request.digest, "")
        if not text:
            raise refuse("unknown_document" if request.digest else "malformed_request", "Send a `query`.")
        document = self.documents.get(text)
        if self._trust is not Trust.OFF and document.digest not in self._trusted:
            if self._trust is Trust.ENFORCE:
                raise refuse("unknown_document")
            log.warning("document %s is not among the trusted ones", document.digest)
        return document

    def variables(self, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> VariableValues:
        """The coerced variables of a request. Raises InvalidDocumentError."""
        values = get_variable_values(
            self.published.core, operation.variable_definitions or (), dict(given), max_errors=20
        )
        if isinstance(values, list):
            raise InvalidDocumentError(values)
        return values

    def _require_introspection(
        self, document: Document, operation: OperationDefinitionNode, variables: VariableValues
    ) -> None:
        """Refuse with `unauthenticated` what is not about the schema alone."""
        planner = Planner(self.published, document.fragments, variables)
        root = self.published.core.get_root_type(operation.operation)
        fields = planner.collect([operation.selection_set], root.name if root else "")
        if any(not nodes[0].name.value.startswith("__") for nodes in fields.values()):
            raise refuse("unauthenticated")

    # -- the engine's way ----------------------------------------------------------------------------------------

    def _read(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        actor: Actor,
        request: Request,
    ) -> _Read | None:
        """All roots as one statement; None when the executor has to sort it out, root by root."""
        try:
            plan = self._plan(document, operation, variables)
            roots, values = plan.bind(variables.coerced, self.operations.reader.cursors)
            total = self._check(roots, values)
            compiled = self.operations.reader.compiled(roots, Dialect.GRAPHQL, actor) if roots else None
        except NotAReadError:
            return None
        except DomainError as refusal:
            if isinstance(refusal, LimitExceeded):
                raise
            return None
        return _Read(compiled, values, total if request.shows_cost else None)

    async def _answer(self, read: _Read, actor: Actor) -> bytes:
        if read.compiled is None:
            return b'{"data":{}}'
        answer = await self.operations.reader.run(read.compiled, actor, read.values)
        assert answer is not None
        if read.cost is None:
            return answer
        return answer[:-1] + b',"extensions":' + orjson.dumps(self._cost(read.cost)) + b"}"

    def _plan(self, document: Document, operation: OperationDefinitionNode, variables: VariableValues) -> Plan:
        symbols = symbolic(variables, self.published.sorts)
        name = operation.name.value if operation.name else ""
        key = (document.digest, name, skeleton(symbols))
        plan = self._plans.get(key)
        if plan is None:
            planner = Planner(self.published, document.fragments, symbols)
            fields = planner.collect([operation.selection_set], "Query")
            plan = planner.plan([planner.root(alias, nodes) for alias, nodes in fields.items()])
            self._plans.put(key, plan)
        return plan

    def _check(self, roots: tuple[Root, ...], values: list[Any]) -> int:
        total = cost(roots, values)
        check_cost(total, self.limits)
        return total

    def _cost(self, total: int) -> dict[str, Any]:
        return {"cost": {"requested": total, "limit": self.limits.cost}}

    # -- the executor's way --------------------------------------------------------------------------------------

    async def _by_executor(
        self, document: Document, operation: OperationDefinitionNode, request: Request, actor: Actor | None
    ) -> bytes:
        """The same through graphql-core: introspection, the viewer, and roots that are refused one by one."""
        context = _Context(self, actor)
        result = execute(
            self.published.core,
            document.node,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=operation.name.value if operation.name else None,
        )
        if not isinstance(result, ExecutionResult):
            result = await result
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error_of(error) for error in result.errors]
        if request.shows_cost:
            answer["extensions"] = self._cost(context.spent)
        return orjson.dumps(answer)

    async def resolve(self, info: Info, actor: Actor, spent: int = 0) -> tuple[Any, int]:
        """One root field: its whole selection by the engine, to be walked by the executor; and what it cost."""
        if info.field_name == VIEWER:
            return viewer(actor), 0
        given: Any = info.variable_values
        variables = given if isinstance(given, VariableValues) else VariableValues({}, given)
        planner = Planner(self.published, info.fragments, variables)
        key = str(info.path.key)
        root = planner.root(key, info.field_nodes, info.parent_type.name)
        resource = self.published.catalogue.resources[root.resource]
        actor.require(resource.needs)
        reader = self.operations.reader
        roots, values = planner.plan([root]).bind(variables.coerced, reader.cursors)
        total = cost(roots, values)
        check_cost(spent + total, self.limits)
        answer = await reader.run(reader.compiled(roots, Dialect.GRAPHQL, actor), actor, values)
        found = orjson.loads(answer or b"{}")["data"][key]
        return (found if found is None or root.id is None else Found(found, resource.type_name)), total


class _Context:
    """What the resolvers of one request work with."""

    def __init__(self, graphql: GraphQL, actor: Actor | None) -> None:
        self._graphql = graphql
        self._actor = actor
        self._turn = Lock()
        self.spent = 0

    async def root(self, info: Info) -> Any:
        # The executor starts all roots at once; one request takes one connection at a time.
        if self._actor is None:
            raise refuse("unauthenticated")
        async with self._turn:
            found, total = await self._graphql.resolve(info, self._actor, self.spent)
            self.spent += total
        return found


def viewer(actor: Actor) -> dict[str, Any]:
    """The fields of `Viewer`."""
    return {
        "name": actor.name,
        "roles": sorted(actor.roles),
        "permissions": sorted(actor.permissions),
        "sellerId": actor.seller_id and str(actor.seller_id),
        "organisationId": str(actor.org_id),
    }
