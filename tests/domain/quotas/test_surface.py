"""A quota's way over HTTP: allocated, proposed, disputed, revised and accepted, with versions and in GraphQL."""

from pathlib import Path

from tests.world import fiscal_year, make_world


async def test_a_quota_is_agreed_on_over_both_surfaces(database: str, tmp_path: Path) -> None:
    async with make_world(database, tmp_path) as world:
        year = (await fiscal_year(world))["2026"]
        asked = {"period_id": year, "total": "1000.00", "over_assignment": "0.05"}
        preview = await world.post("sales_ops", "/v1/quotas/preview-allocation", asked)
        made = await world.post("sales_ops", "/v1/quotas/allocate", asked)
        assert (made["assigned"]["amount"], made["proof"]["shares"]) == ("1050.00", preview["shares"])
        proposed = await world.post("manager", "/v1/quotas/propose", {"allocation_id": made["id"]}, expect=422)
        assert proposed["errors"][0]["pointer"] == "/allocation_id"
        assert await world.post("sales_ops", "/v1/quotas/propose", {"allocation_id": made["id"]}) == {
            "proposed": 3,
            "refused": [],
        }
        quota = (await world.get("sam", "/v1/quotas", include="seller,months"))["items"][0]
        path = f"/v1/quotas/{quota['id']}"
        counter = {"counter_amount": "300.00", "comment": "A key account left."}
        disputed = await world.post("sam", f"{path}/dispute", counter)
        assert disputed["counter_amount"] == {"amount": "300.00", "currency": "EUR"}
        await world.post("manager", f"{path}/investigate")
        stale = await world.post("manager", f"{path}/uphold", {"comment": "No."}, expect=412, **{"if-match": '"1"'})
        assert stale["code"] == "stale_version"
        await world.post("manager", f"{path}/revise", {"amount": "320.00", "comment": "Half of it is right."})
        document = """mutation ($id: ID!, $version: String!) {
          acceptQuota(input: {id: $id, ifMatch: $version}) {
            state amount { amount } revisions(first: 5) { nodes { action amountAfter { amount } } } } }"""
        version = (await world.get("sam", path))["version"]
        answer = await world.graphql("sam", document, id=f"quota:{quota['id']}", version=str(version))
        assert answer["data"]["acceptQuota"] == {
            "state": "ACCEPTED",
            "amount": {"amount": "320.00"},
            "revisions": {
                "nodes": [
                    {"action": "ALLOCATE", "amountAfter": {"amount": "350.00"}},
                    {"action": "REVISE", "amountAfter": {"amount": "320.00"}},
                ]
            },
        }
