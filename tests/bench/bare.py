"""What the gateway is measured against: the same framework, server and pool, one prepared query of a single row."""

import os
import sys

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from chassis.db import Database

app = FastAPI()


@app.get("/bare")
async def bare(request: Request) -> Response:
    """One row by its primary key."""
    db: Database = request.app.state.db
    value = await db.pool.fetchval("SELECT settings::text FROM gallery WHERE id = $1", request.app.state.id)
    return Response(value, media_type="application/json")


@app.post("/bare")
async def bare_insert(request: Request) -> Response:
    """One row more, with the body in it."""
    db: Database = request.app.state.db
    await db.pool.execute("INSERT INTO bare (id, body) VALUES (gen_random_uuid(), $1)", await request.body())
    return Response()


async def _main(port: int) -> None:
    app.state.db = await Database.open(os.environ["PHOTOFERRY_DATABASE_URL"], "gateway")
    await app.state.db.pool.execute("CREATE TABLE IF NOT EXISTS bare (id uuid PRIMARY KEY, body bytea NOT NULL)")
    app.state.id = await app.state.db.pool.fetchval("SELECT id FROM gallery LIMIT 1")
    await uvicorn.Server(uvicorn.Config(app, port=port, access_log=False, log_level="warning", lifespan="off")).serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_main(int(sys.argv[1])))
