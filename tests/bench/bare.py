"""What the gateway's reads are measured against: the same framework and server, one prepared single-row query."""

import os
import sys

import asyncpg
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

app = FastAPI()


@app.get("/bare")
async def bare(request: Request) -> Response:
    """One row by its primary key."""
    pool: asyncpg.Pool = request.app.state.pool
    value = await pool.fetchval("SELECT settings::text FROM gateway.gallery WHERE id = $1", request.app.state.id)
    return Response(value, media_type="application/json")


async def _main(port: int) -> None:
    app.state.pool = await asyncpg.create_pool(os.environ["PHOTOFERRY_DATABASE_URL"], min_size=1, max_size=10)
    app.state.id = await app.state.pool.fetchval("SELECT id FROM gateway.gallery LIMIT 1")
    await uvicorn.Server(uvicorn.Config(app, port=port, access_log=False, lifespan="off")).serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_main(int(sys.argv[1])))
