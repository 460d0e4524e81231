"""Machines: network namespaces on one switch, which nothing reaches from outside.

All of them live in a user, network and process namespace of their own, so that neither root
nor the network of this system is needed; whatever runs there ends with the test, also with one
that was killed.
"""

import shutil
import socket
import subprocess
import sys

import psutil

# A range for examples: no network uses it (RFC 5737).
ADDRESSES = {
    "web": "192.0.2.10",
    "worker": "192.0.2.20",
    "redis": "192.0.2.30",
    "mail": "192.0.2.40",
    "page": "192.0.2.50",
}
# A hardware address that no machine has: packets for it are lost without a word.
NOBODY = "02:00:00:00:00:01"

OUTER = (
    *("unshare", "--user", "--map-root-user", "--net", "--mount"),
    *("--pid", "--fork", "--kill-child", "--mount-proc"),
)
# `ip` keeps its namespaces in /run. The test holds the other end of what `cat` reads.
SETUP = """
set -e
mount -t tmpfs tmpfs /run
mkdir /run/netns
ip link add switch type bridge
ip link set switch up
echo ready
exec cat
"""
POWER_ON = """
set -e
ip netns add {name}
ip link add port-{name} type veth peer name eth0 netns {name}
ip link set port-{name} master switch up
ip -n {name} address add {address}/24 dev eth0
ip -n {name} link set eth0 up
ip -n {name} link set lo up
"""
# A socket belongs to the machine on which it was made, whoever uses it.
MAKE_SOCKETS = """
import socket
test = socket.socket(fileno=0)
while test.recv(1):
    with socket.socket() as made:
        socket.send_fds(test, [b"."], [made.fileno()])
"""


def why_not():
    """Say in Russian why there can be no machines here, "" if there can."""
    for program in ("unshare", "nsenter", "ip", "redis-server"):
        if not shutil.which(program):
            return f"нет программы {program}"
    try:
        Network().close()
    except NoMachines as error:
        return f"система не даёт создать пространства имён: {error}"
    return ""


class NoMachines(Exception):
    """This system does not let this user make network namespaces."""


class Network:
    """The machines, their cables, and sockets on them."""

    def __init__(self):
        self._outer = subprocess.Popen(
            [*OUTER, "sh", "-c", SETUP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._agents = {}
        if self._outer.stdout.readline() != "ready\n":
            _, error = self._outer.communicate()
            raise NoMachines(error.strip())
        (inner,) = psutil.Process(self._outer.pid).children()
        self.pid = inner.pid
        # An ordinary user is root there already, and may not become anybody.
        self._enter = ["nsenter", f"--target={inner.pid}", "--user", "--preserve-credentials"]
        self._enter.append("--pid")
        for machine in ADDRESSES:
            self.power_on(machine)

    def power_on(self, machine):
        self._run_outside(POWER_ON.format(name=machine, address=ADDRESSES[machine]))

    def power_off(self, machine):
        """Turn a machine off, on which nothing may run any more: it says goodbye to nobody."""
        if machine in self._agents:
            agent, process = self._agents.pop(machine)
            agent.close()
            process.wait()
        self._run_outside(f"ip netns delete {machine} && ip link delete port-{machine}")

    def _run_outside(self, script):
        """Run a script where the switch is."""
        command = [*self._enter, "--net", "--mount", "sh", "-c", script]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise NoMachines(done.stderr.strip())

    def on(self, machine, *command):
        """Return the command that runs this command on a machine."""
        network = f"/proc/{self.pid}/root/run/netns/{machine}"
        return [*self._enter, f"--net={network}", *command]

    def run(self, machine, *command):
        """Run a command on a machine to its end. Returns its output, errors included."""
        done = subprocess.run(
            self.on(machine, *command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.stdout

    def ip(self, machine, *command):
        output = self.run(machine, "ip", *command)
        assert not output, output

    def cut(self, machine, others):
        """Lose every packet between a machine and others, in silence. Returns what mends it."""
        pairs = [(machine, other) for other in others] + [(other, machine) for other in others]
        for here, there in pairs:
            route = (ADDRESSES[there], "lladdr", NOBODY, "dev", "eth0")
            self.ip(here, "neighbour", "replace", *route)

        def mend():
            for here, there in pairs:
                only = ("to", ADDRESSES[there], "nud", "permanent", "dev", "eth0")
                self.ip(here, "neighbour", "flush", *only)

        return mend

    def cut_off(self, machine):
        """Cut a machine off from all others. Returns what mends it."""
        return self.cut(machine, [other for other in ADDRESSES if other != machine])

    def socket(self, machine):
        """Return a new socket on a machine."""
        if machine not in self._agents:
            ours, theirs = socket.socketpair()
            with theirs:
                command = self.on(machine, sys.executable, "-I", "-c", MAKE_SOCKETS)
                process = subprocess.Popen(command, stdin=theirs)
            self._agents[machine] = ours, process
        agent, _ = self._agents[machine]
        agent.send(b".")
        _, (descriptor,), _, _ = socket.recv_fds(agent, 1, 1)
        return socket.socket(fileno=descriptor)

    def connect(self, machine, other, port, timeout=30):
        """Return a socket on a machine that is connected to another one."""
        sock = self.socket(machine)
        try:
            sock.settimeout(timeout)
            sock.connect((ADDRESSES[other], port))
        except OSError:
            sock.close()
            raise
        return sock

    def close(self):
        """End whatever runs on the machines, and the machines."""
        self._outer.kill()
        self._outer.communicate()
        for agent, process in self._agents.values():
            agent.close()
            process.wait()
