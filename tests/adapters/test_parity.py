"""One domain, two surfaces: the same operations under the same names."""

from __future__ import annotations

import pytest

from app.domain.kernel.errors import PROBLEMS
from app.graphql import errors as graphql_errors
from app.routers import problems
from app.routers.derived import Shape
from tests.filled import Filled
from tests.surfaces import collected, published, routes

pytestmark = pytest.mark.asyncio(loop_scope="session")

ONLY_REST = {
    Shape.BATCH: "GraphQL sends several mutations in one document.",
    Shape.UPSERT: "Bulk and integration belong to REST; GraphQL finds a row by its external id and updates it.",
}
"""Shapes of REST operations that GraphQL leaves out, and why."""

HANDWRITTEN = {
    "getViewer": "GraphQL has `viewer`.",
    "streamJobEvents": "GraphQL has the subscription of the same events.",
    "getLiveness": "For operators, not for clients.",
    "getReadiness": "For operators, not for clients.",
    "getMetrics": "For operators, not for clients.",
    "startImport": "Takes files, which GraphQL does not.",
    "downloadPayrollExport": "A file; GraphQL lists the payments in it.",
    "getStatementDocument": "The document's data; GraphQL selects the same from a statement's links.",
    "getStatementPage": "A file.",
    "getStatementFile": "A file.",
    "downloadImportFindings": "A file; GraphQL lists the same findings.",
    "getTerritoryModelMap": "GeoJSON, for map tools; GraphQL has the same figures.",
    "drawTerritoryModelMap": "A drawing.",
    "drawTerritoryModelBalance": "A drawing.",
    "drawTerritoryModelComparison": "A drawing.",
    "drawAttainment": "A drawing.",
    "drawPlanSimulation": "A drawing.",
    "drawPayCurve": "A drawing.",
    "drawBudgetRisk": "A drawing.",
    "drawPayPerformance": "A drawing.",
    "drawAllocationWaterfall": "A drawing.",
    "drawAllocationFairness": "A drawing.",
}


async def test_every_command_is_an_operation_of_rest_and_a_mutation(filled: Filled) -> None:
    mutation = published().core.mutation_type
    mutations = set(mutation.fields) if mutation else set()
    operations = {route.operation_id for route in routes(filled) if route.shape is Shape.COMMAND}
    assert operations == mutations
    assert len(operations) == len(collected().commands)


async def test_every_object_list_and_history_of_rest_is_in_graphql(filled: Filled) -> None:
    schema = published().core
    queries = set(schema.query_type.fields) if schema.query_type else set()
    for route in routes(filled):
        if route.operation_id.endswith("Transitions"):
            subject = route.operation_id.removeprefix("list").removesuffix("Transitions")
            assert "transitions" in schema.type_map[subject].fields  # type: ignore[attr-defined]
        elif route.shape is Shape.LIST:
            assert route.operation_id.removeprefix("list").lower() in {name.lower() for name in queries}
        elif route.shape is Shape.ONE:
            name = route.operation_id.removeprefix("get")
            # A name without a plural is the list's in GraphQL; `node` finds its objects.
            assert name[0].lower() + name[1:] in queries
        else:
            assert route.shape is Shape.COMMAND or ONLY_REST[route.shape]


async def test_every_operation_of_the_description_is_derived_or_on_the_written_list(filled: Filled) -> None:
    document = (await filled.get("viewer", "/openapi.json"))["paths"]
    found = {operation["operationId"] for item in document.values() for operation in item.values()}
    assert found - {route.operation_id for route in routes(filled)} - set(HANDWRITTEN) == set()


async def test_both_surfaces_give_a_problem_the_same_status() -> None:
    for code, known in PROBLEMS.items():
        refusal = known.kind(code, "")
        assert problems.status_of(refusal) == graphql_errors.status_of(refusal), code
