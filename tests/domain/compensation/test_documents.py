"""A statement as data, as a page and as a file: complete, exact, in two languages, for those who may see it."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.domain.compensation.desk import COMMISSION, Desk


async def fetched(desk: Desk, who: str, statement: Any, kind: str, **params: str) -> Any:
    path = f"/v1/statements/{statement['id']}/document.{kind}"
    answer = await desk.world.client(who).get(path, params=params)
    if folder := os.environ.get("PALIER_KEEP_DOCUMENTS"):
        Path(folder, f"statement-{params.get('language', 'en')}.{kind}").write_bytes(answer.content)  # noqa: ASYNC240
    return answer


async def told(desk: Desk) -> Any:
    """The statement of a second quarter with a late deal, a split and a deal above quota."""
    await desk.sell("2026-01-20", "80000", "sam", description="Licences <b>2026</b>")
    await desk.posted("2026-Q1")
    await desk.sell("2026-03-28", "4000.55", "sam", description="Late booking")
    await desk.sell("2026-04-10", "60000", "sam", "sue", shares=("0.75", "0.25"), description="Rollout Lyon")
    await desk.sell("2026-06-10", "12345.67", "sam", description="Support")
    return await desk.statement("sam", await desk.posted("2026-Q2"), "sam")


async def test_every_figure_of_the_document_adds_up(desk: Desk) -> None:
    statement = await told(desk)
    document = (await fetched(desk, "sam", statement, "json")).json()
    assert document["total"] == statement["total"]["amount"]
    assert sum(Decimal(part["amount"]) for part in document["sums"]) == Decimal(document["total"])
    assert sum(Decimal(period["total"]) for period in document["year"]) == Decimal(document["year_to_date"])
    assert {line["kind"] for line in document["lines"]} == {"base", "true_up"}
    for line in document["lines"]:
        paid = sum(Decimal(deal["amount"]) for deal in line["deals"])
        rest = Decimal(line["further_amount"]) + Decimal(line["without_deal"])
        assert paid + rest == Decimal(line["amount"])
    late = next(line for line in document["lines"] if line["kind"] == "true_up")
    assert [deal["description"] for deal in late["deals"]] == ["Late booking"]


async def test_a_statement_is_read_in_english_and_in_french(desk: Desk) -> None:
    statement = await told(desk)
    english = (await fetched(desk, "sam", statement, "html")).text
    french = (await fetched(desk, "sam", statement, "html", language="fr")).text
    assert "Compensation statement" in english
    assert "True-up of 2026-Q1" in english
    assert "Relevé de rémunération variable" in french
    assert "Régularisation de 2026-Q1" in french
    assert "12,345.67" in english
    assert "12\u00a0345,67" in french


async def test_what_several_windows_earned_is_told_by_window_and_not_by_step(desk: Desk) -> None:
    monthly = {
        **COMMISSION,
        "window": {"over": "month", "paid": "each_period"},
        "rate": {"flat": {"pays": "rate", "value": "0.1"}},
        "limits": [],
        "proration": {"quota": "none", "target": "none"},
    }
    await desk.publish("MONTHLY", components=(monthly,))
    await desk.sell("2026-01-20", "4000", "sam")
    await desk.sell("2026-03-20", "3000", "sam")
    statement = await desk.statement("sam", await desk.posted("2026-Q1"), "sam")
    document = (await fetched(desk, "sam", statement, "json")).json()
    line = next(line for line in document["lines"] if line["amount"] == "700.00")
    assert [(band["window_start"], band["ordinal"], band["earned"]) for band in line["slices"]] == [
        ("2026-01-01", 1, "400.00"),
        ("2026-02-01", 1, "0.00"),
        ("2026-03-01", 1, "300.00"),
    ]
    page = (await fetched(desk, "sam", statement, "html", language="fr")).text
    assert "Fenêtre du" in page
    assert "1er mars 2026" in page


async def test_what_a_deal_is_called_is_never_read_as_markup(desk: Desk) -> None:
    statement = await told(desk)
    await desk.sell("2026-07-10", "100", "sam", description='<script>x</script> #panic("x") $x$')
    statement = await desk.statement("sam", await desk.posted("2026-Q3"), "sam")
    page = (await fetched(desk, "sam", statement, "html")).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert (await fetched(desk, "sam", statement, "pdf")).content.startswith(b"%PDF-")


async def test_a_statement_is_a_file_to_keep(desk: Desk) -> None:
    statement = await told(desk)
    kept = []
    for language in ("en", "fr"):
        answer = await fetched(desk, "sam", statement, "pdf", language=language)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-language"] == language
        kept.append(answer.content)
    assert all(content.startswith(b"%PDF-") for content in kept)
    again = await fetched(desk, "sam", statement, "pdf", language="fr")
    assert again.content == kept[1]


async def test_nobody_reads_the_statement_of_another(desk: Desk) -> None:
    statement = await told(desk)
    for kind in ("json", "html", "pdf"):
        assert (await fetched(desk, "sue", statement, kind)).status_code == 404


async def test_a_language_that_is_not_spoken_is_refused(desk: Desk) -> None:
    statement = await told(desk)
    answer = await fetched(desk, "sam", statement, "html", language="de")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/language")
