"""A WebSocket server without Django: what comes to /send goes to all the other connections.

Run it with the port: python -m workshop.bench.bare 8000.
"""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve


async def main(port: int) -> None:
    """Serve on the loopback interface until the process is stopped."""
    pages: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        if connection.request and connection.request.path == "/send":
            async for joke in connection:
                broadcast(pages, joke)
            return
        pages.add(connection)
        try:
            await connection.wait_closed()
        finally:
            pages.discard(connection)

    # Neither pings nor compression: the other servers send jokes as they are, too.
    async with serve(handle, "127.0.0.1", port, ping_interval=None, compression=None) as server:
        print("ready", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
