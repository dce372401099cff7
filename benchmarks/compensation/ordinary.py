"""The ordinary way: objects of an ORM, a query for each thing that is looked up, a row added for each credit.

It only credits, to the seller and to everybody above on the day; rates, limits and balances are not even begun. Its
database is SQLite in memory, which spares it every round trip.
"""

from __future__ import annotations

import time
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

import duckdb
import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from app.domain.compensation.calculation.inputs import Inputs
from app.domain.compensation.calculation.relations.columns import OPEN_END


class _Dated(SQLModel):
    id: int | None = Field(default=None, primary_key=True)
    valid_from: date
    valid_to: date


class Membership(_Dated, table=True):
    __tablename__ = "ordinary_membership"
    account_id: UUID = Field(index=True)
    territory_id: UUID


class Coverage(_Dated, table=True):
    __tablename__ = "ordinary_coverage"
    territory_id: UUID = Field(index=True)
    seller_id: UUID
    cum_lo: Decimal
    cum_hi: Decimal


class ReportingLine(_Dated, table=True):
    __tablename__ = "ordinary_reporting_line"
    seller_id: UUID = Field(index=True)
    manager_id: UUID


class Sale(SQLModel, table=True):
    __tablename__ = "ordinary_sale"
    id: UUID = Field(primary_key=True)
    account_id: UUID
    sold_on: date
    amount: Decimal


class Credit(SQLModel, table=True):
    __tablename__ = "ordinary_credit"
    id: int | None = Field(default=None, primary_key=True)
    sale_id: UUID
    seller_id: UUID
    direct: bool
    amount: Decimal


def seconds_per_transaction(inputs: Inputs, sales: int) -> float:
    """Credit the first sales, and say how long one took."""
    engine = sa.create_engine("sqlite://")
    tables = [
        SQLModel.metadata.tables[str(each.__tablename__)]
        for each in (Membership, Coverage, ReportingLine, Sale, Credit)
    ]
    SQLModel.metadata.create_all(engine, tables)
    with Session(engine) as session:
        _fill(session, inputs, sales)
        session.commit()
        begun = time.perf_counter()
        for sale in session.exec(select(Sale)).all():
            _credit(session, sale)
        session.commit()
        return (time.perf_counter() - begun) / sales


def _fill(session: Session, inputs: Inputs, sales: int) -> None:
    with duckdb.connect() as connection:
        for table, relation in ((Membership, "membership"), (Coverage, "coverage"), (ReportingLine, "reporting_line")):
            names = [name for name in table.model_fields if name != "id"]
            listed = ", ".join(f"CAST({n} AS UUID) AS {n}" if n.endswith("_id") else n for n in names)
            rows = connection.execute(f"SELECT {listed} FROM '{inputs.relations()[relation]}'").fetchall()
            named = [dict(zip(names, row, strict=True)) for row in rows]
            for row in named:
                row["valid_to"] = row["valid_to"] or date.fromisoformat(OPEN_END)
            session.execute(sa.insert(table), named)
        for sale in connection.execute(
            f"SELECT transaction_id, account_id, transaction_date, amount FROM '{inputs.transaction}' LIMIT {sales}"
        ).fetchall():
            session.add(Sale(**dict(zip(("id", "account_id", "sold_on", "amount"), sale, strict=True))))


def _credit(session: Session, sale: Sale) -> None:
    def on_the_day(table: type[_Dated]) -> sa.ColumnElement[bool]:
        return (col(table.valid_from) <= sale.sold_on) & (col(table.valid_to) > sale.sold_on)

    home = session.exec(
        select(Membership).where(Membership.account_id == sale.account_id, on_the_day(Membership))
    ).first()
    if home is None:
        return
    shares = select(Coverage).where(Coverage.territory_id == home.territory_id, on_the_day(Coverage))
    for share in session.exec(shares).all():
        amount = _rounded(sale.amount * share.cum_hi) - _rounded(sale.amount * share.cum_lo)
        session.add(Credit(sale_id=sale.id, seller_id=share.seller_id, direct=True, amount=amount))
        below = share.seller_id
        while line := session.exec(
            select(ReportingLine).where(ReportingLine.seller_id == below, on_the_day(ReportingLine))
        ).first():
            below = line.manager_id
            session.add(Credit(sale_id=sale.id, seller_id=below, direct=False, amount=amount))


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)
