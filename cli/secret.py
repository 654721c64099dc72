"""Whether a secret is the one that links were made with."""

import asyncpg

from chassis.links import client_token, gallery_token, token_digest


async def strange_links(connection: asyncpg.Connection, secret: str) -> tuple[int, int]:
    """How many of the links that were looked at are not by this secret, and how many were."""
    galleries = await connection.fetch("SELECT id, public_digest FROM gateway.gallery LIMIT 100")
    links = await connection.fetch("SELECT order_id, rotation, digest FROM gateway.client_link LIMIT 100")
    ours = [token_digest(gallery_token(secret, row["id"])) == row["public_digest"] for row in galleries]
    ours += [token_digest(client_token(secret, row[0], row[1])) == row["digest"] for row in links]
    return ours.count(False), len(ours)
