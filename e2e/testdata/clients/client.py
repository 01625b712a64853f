"""A client in Python: client.py URL TOKEN TRANSPORTS ROOM"""

import json
import sys
import threading

import socketio

url, token, transports, room = sys.argv[1:]
room = int(room)
one_line_at_a_time = threading.Lock()


def say(**what):
    with one_line_at_a_time:
        print(json.dumps(what), flush=True)


client = socketio.Client(reconnection=False)

# The library gives every packet a thread of its own, and threads overtake each
# other. What is looked at here is the order on the wire.
trigger = client.eio._trigger_event
client.eio._trigger_event = lambda *args, **how: trigger(*args, **{**how, "run_async": False})


@client.event
def connect():
    client.emit(
        "joinRoom",
        {"roomId": room},
        callback=lambda answer: say(**{"is": "joined"}, transport=client.transport(), answer=answer),
    )


@client.on("receiveMessage")
def received(event):
    say(**{"is": "event"}, event=event)


@client.on("problem")
def problem(what):
    say(**{"is": "trouble"}, text=json.dumps(what))


@client.event
def disconnect(reason):
    say(**{"is": "trouble"}, text=f"disconnected: {reason}")


client.connect(url, auth={"token": token}, transports=transports.split(","))
for line in sys.stdin:
    command = json.loads(line)
    if command["do"] == "quit":
        break
    client.emit(
        "sendMessage",
        {"roomId": room, "messageText": command["text"], "cid": command["cid"]},
        callback=lambda answer, cid=command["cid"]: say(**{"is": "answer"}, cid=cid, answer=answer),
    )
client.disconnect()
