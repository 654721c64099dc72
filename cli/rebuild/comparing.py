"""Rows that are there, and rows made anew: the first are made like the second, by SQL and within one transaction."""

from dataclasses import dataclass
from uuid import UUID

from chassis.rebuilding import Rebuilt
from cli.rebuild.plan import Connection, Plan


@dataclass(frozen=True, slots=True)
class Difference:
    """How many rows of a table were not as they had to be."""

    missing: int
    wrong: int
    invented: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Of a table: all, and those of its primary key; `compared` has an expression of `{row}` for each that matters."""

    all: list[str]
    key: list[str]
    compared: list[str]

    def same_key(self) -> str:
        """A condition."""
        return " AND ".join(f"live.{name} = rebuilt.{name}" for name in self.key)

    def values(self, row: str) -> str:
        """What is compared, of `live` or `rebuilt`."""
        return f"ROW({', '.join(each.replace('{row}', row) for each in self.compared)})"


class Comparing:
    """Makes the service's rows like those of the other schema; those of galleries that are `leaving` stay as they are.

    These are deleted by their owner, and the service has not heard of it yet.
    """

    def __init__(self, connection: Connection, plan: Plan, leaving: list[UUID]) -> None:
        self.connection = connection
        self.plan = plan
        self.leaving = leaving
        self.galleries: set[UUID] = set()
        """Whose rows were changed."""

    async def run(self) -> dict[str, Difference]:
        """By table."""
        columns = {table.name: await self._columns(table) for table in self.plan.tables}
        invented = {table.name: await self._delete(table, columns[table.name]) for table in reversed(self.plan.tables)}
        return {
            table.name: Difference(
                wrong=await self._update(table, columns[table.name]),
                missing=await self._insert(table, columns[table.name]),
                invented=invented[table.name],
            )
            for table in self.plan.tables
        }

    async def _columns(self, table: Rebuilt) -> Columns:
        rows = await self.connection.fetch(
            """SELECT a.attname AS name, a.atttypid = 'json'::regtype AS is_json, a.attnum = ANY (i.indkey) AS is_key
               FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
               WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum""",
            f"{self.plan.service}.{table.name}",
        )
        likeness = {row["name"]: "{}::text" for row in rows if row["is_json"]} | dict(table.likeness)
        return Columns(
            all=[row["name"] for row in rows],
            key=[row["name"] for row in rows if row["is_key"]],
            compared=[
                likeness.get(row["name"], "{}").replace("{}", f"{{row}}.{row['name']}")
                for row in rows
                if row["name"] not in table.own_columns
            ],
        )

    async def _delete(self, table: Rebuilt, columns: Columns) -> int:
        return await self._done(
            f"""DELETE FROM {self.plan.service}.{table.name} live
                WHERE NOT EXISTS (SELECT FROM {self.plan.other}.{table.name} rebuilt WHERE {columns.same_key()})
                    AND NOT ({table.own_rows}) AND {self._stays(table, "live")}""",
            table,
        )

    async def _update(self, table: Rebuilt, columns: Columns) -> int:
        return await self._done(
            f"""UPDATE {self.plan.service}.{table.name} live
                SET {", ".join(f"{name} = rebuilt.{name}" for name in columns.all)}
                FROM {self.plan.other}.{table.name} rebuilt
                WHERE {columns.same_key()} AND {columns.values("live")} IS DISTINCT FROM {columns.values("rebuilt")}
                    AND NOT ({table.own_values}) AND {self._stays(table, "live")}""",
            table,
        )

    async def _insert(self, table: Rebuilt, columns: Columns) -> int:
        names = ", ".join(columns.all)
        return await self._done(
            f"""INSERT INTO {self.plan.service}.{table.name} AS live ({names})
                SELECT {names} FROM {self.plan.other}.{table.name} rebuilt
                WHERE NOT EXISTS (SELECT FROM {self.plan.service}.{table.name} live WHERE {columns.same_key()})
                    AND {self._stays(table, "rebuilt")}
                ON CONFLICT DO NOTHING""",
            table,
        )

    async def _done(self, statement: str, table: Rebuilt) -> int:
        """How many rows a statement has changed."""
        gallery = self._gallery(table, "live")
        rows = await self.connection.fetch(
            f"""WITH changed AS ({statement} RETURNING {gallery} AS gallery_id)
                SELECT gallery_id, count(*) AS number FROM changed GROUP BY gallery_id"""
        )
        self.galleries.update(row["gallery_id"] for row in rows if row["gallery_id"])
        return sum(row["number"] for row in rows)

    def _stays(self, table: Rebuilt, row: str) -> str:
        if not self.leaving:
            return "true"
        ids = ", ".join(f"'{id_}'" for id_ in self.leaving)
        return f"{self._gallery(table, row)} = ANY (ARRAY[{ids}]::uuid[]) IS NOT TRUE"

    def _gallery(self, table: Rebuilt, row: str) -> str:
        schema = self.plan.service if row == "live" else self.plan.other
        return table.gallery.replace("{row}", row).replace("{schema}", schema)
