"""Does with python-socketio what people do with it.

    client.py URL TRANSPORTS
"""

import queue
import sys
import time

import socketio
from socketio.exceptions import ConnectionError as Refused

PATIENCE = 60
url, transports = sys.argv[1], sys.argv[2].split(",")


def expect(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


def connect(token, namespaces=("/",), **more):
    client = socketio.Client(reconnection=False)
    heard = queue.Queue()
    for namespace in namespaces:
        client.on("*", lambda *args: heard.put(args), namespace=namespace)
    more = {"auth": {"token": token}, **more}
    client.connect(url, transports=transports, namespaces=list(namespaces), wait_timeout=PATIENCE, **more)
    return client, heard


client, heard = connect("good", ("/", "/other"))
expect(heard.get(timeout=PATIENCE), ("hello", "world", {"n": 1}, None))
expect(len(client.get_sid("/")), 20)
expect(client.transport(), transports[-1])

text = ["grüße 👋", 1.5, [True, None, {"deep": [[]]}], {}]
expect(client.call("echo", tuple(text), timeout=PATIENCE), tuple(text))
expect(client.call("echo", "x" * 300_000, timeout=PATIENCE), "x" * 300_000)
expect(client.call("echo", (b"\x00\xff", "between", b"\x07" * 100_000), timeout=PATIENCE),
       (b"\x00\xff", "between", b"\x07" * 100_000))
expect(client.call("echo", 7, namespace="/other", timeout=PATIENCE), 7)

client.emit("say", ({"bytes": b"\x01"}, "x"))
expect(heard.get(timeout=PATIENCE), ("back", {"bytes": b"\x01"}, "x"))

client.on("question", lambda what: ("answer to " + what, bytes([0, 1, 2, 255])))
expect(client.call("askMe", timeout=PATIENCE), "as it should be")

for i in range(200):
    client.emit("number", i)
# This client runs every handler on a thread of its own, so the order is lost here.
expect(sorted(heard.get(timeout=PATIENCE) for _ in range(200)), [("number", i) for i in range(200)])

client.emit("kick")
deadline = time.time() + PATIENCE
while client.connected and time.time() < deadline:
    time.sleep(0.01)
assert not client.connected, "it was not disconnected"

errors = queue.Queue()
client = socketio.Client(reconnection=False)
client.on("connect_error", errors.put)
try:
    client.connect(url, transports=transports, auth={"token": "bad"}, wait_timeout=PATIENCE)
    raise AssertionError("a bad token connected")
except Refused:
    expect(errors.get(timeout=PATIENCE), {"message": "Unauthorized", "data": {"code": "unauthorized"}})
client.disconnect()

# The token in a header.
client, heard = connect(None, headers={"Authorization": "good"}, auth=None)
expect(client.call("echo", "old", timeout=PATIENCE), "old")
client.disconnect()
print("ok")
