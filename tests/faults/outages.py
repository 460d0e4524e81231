"""What can be wrong with a Redis: each function breaks one and returns what mends it."""

import threading
from contextlib import suppress

import redis


def kill(server):
    server.kill()
    return server.restart


def freeze(server):
    server.freeze()
    return server.thaw


def require_password(server):
    server.client.config_set("requirepass", "secret")
    _disconnect_everybody(server)
    return lambda: server.client.config_set("requirepass", "")


def refuse_clients(server):
    server.client.config_set("maxclients", 1)
    _disconnect_everybody(server)
    return lambda: server.client.config_set("maxclients", 10_000)


def fill_memory(server):
    server.client.config_set("maxmemory", 1)
    return lambda: server.client.config_set("maxmemory", 0)


def want_replicas(server):
    server.client.config_set("min-replicas-to-write", 1)
    return lambda: server.client.config_set("min-replicas-to-write", 0)


def make_read_only(server):
    # Nobody is there, so it keeps its data, and waits for its master.
    server.client.replicaof("127.0.0.1", 1)
    return lambda: server.client.replicaof("NO", "ONE")


def keep_busy(server):
    """A script that runs on: after a while Redis answers everybody with BUSY."""
    server.client.config_set("busy-reply-threshold", 100)
    script = threading.Thread(target=_run_for_ever, args=[server.url])
    script.start()

    def mend():
        server.client.script_kill()
        script.join()

    return mend


def _run_for_ever(url):
    with suppress(redis.ResponseError):
        redis.Redis.from_url(url, socket_timeout=60).eval("while true do end", 0)


def _disconnect_everybody(server):
    server.client.execute_command("CLIENT KILL TYPE normal SKIPME yes")
