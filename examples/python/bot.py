"""A bot that answers ping with pong, and counts in its answers.

Made with python-socketio from the page /docs/sockets of a server:

    pip install "python-socketio[client]"
    PARLEY_URL=http://127.0.0.1:3000 python bot.py

It registers, or signs in when it has done so before; makes its room, or finds
it; answers every ping, and then edits the answer. After a cut, or its own
restart, it goes on with the first event that it has not handled.
"""

import os
import queue
import threading
import time
from pathlib import Path

import requests
import socketio

URL = os.environ.get("PARLEY_URL", "http://127.0.0.1:3000")
ACCOUNT = {
    "email": os.environ.get("PARLEY_EMAIL", "bot@example.org"),
    "password": os.environ.get("PARLEY_PASSWORD", "beep boop beep"),
}
ROOM = os.environ.get("PARLEY_ROOM", "general")
STATE = Path(os.environ.get("PARLEY_STATE", "cursor.txt"))

FINAL = {"invalid", "forbidden", "not_found", "conflict", "cid_conflict", "too_large", "gone"}


def sign_in():
    """Returns a token, of a new account if there is none yet."""
    for path in ("/api/v1/register", "/api/v1/login"):
        answer = requests.post(URL + path, json=ACCOUNT, timeout=15)
        if answer.ok:
            return answer.json()["token"]
    raise SystemExit(answer.json()["detail"])


def find_room(token):
    """Returns the id of the room, made now if there is none of the name."""
    bearer = {"Authorization": "Bearer " + token}
    made = requests.post(URL + "/api/v1/rooms", json={"name": ROOM}, headers=bearer, timeout=15)
    if made.ok:
        return made.json()["id"]
    rooms = requests.get(URL + "/api/v1/rooms", headers=bearer, timeout=15).json()["rooms"]
    return next(room["id"] for room in rooms if room["name"] == ROOM)


def note(cursor):
    """Keeps the cursor, whole or not at all: the bot may be killed meanwhile."""
    new = STATE.with_name(STATE.name + ".new")
    new.write_text(cursor)
    new.replace(STATE)


def fail(message):
    """Ends the program, on whatever thread."""
    print(message, flush=True)
    os._exit(1)


class Bot:
    def __init__(self):
        self.token = sign_in()
        self.room = find_room(self.token)
        self.lock = threading.Lock()
        self.todo = queue.Queue()  # events in the order of seq
        self.go_on_behind(STATE.read_text() if STATE.exists() else "0")
        self.sio = socketio.Client(reconnection_delay=0.5, reconnection_delay_max=5)
        self.sio.on("connect", lambda: threading.Thread(target=self.join, daemon=True).start())
        self.sio.on("receiveMessage", self.receive)
        self.sio.on("problem", self.problem)

    def go_on_behind(self, cursor):
        with self.lock:
            self.cursor, self.last = cursor, int(cursor.split(".")[0])
            self.ahead = {}  # events that came before the one in front of them

    def run(self):
        self.sio.connect(URL, auth=lambda: {"token": self.token}, retry=True)
        while True:
            event = self.todo.get()
            if event["kind"] == "message" and event.get("messageText") == "ping":
                self.answer(event["seq"])
            note(event["cursor"])

    def ask(self, event, payload):
        """Asks until the answer is ok or final, under the same cid."""
        again = {}
        while True:
            try:
                answer = self.sio.call(event, {**payload, **again}, timeout=15)
            except socketio.exceptions.SocketIOError:
                answer = {"ok": False, "error": {"code": "unknown"}}
            if answer["ok"] or answer["error"]["code"] in FINAL:
                return answer
            if "cid" in payload:
                again = {"retry": True}
            time.sleep(answer["error"].get("retryAfter", 0.5))

    def join(self):
        """Subscribes, part by part, behind the last event that has come."""
        while True:
            answer = self.ask("joinRoom", {"roomId": self.room, "since": self.cursor})
            if not answer["ok"]:
                fail(answer["error"]["message"])
            if "reset" in answer:
                self.go_on_behind("0")
            elif not answer["more"]:
                return

    def receive(self, event):
        """Puts events into the order of seq, whatever thread they come on."""
        if event["roomId"] != self.room:
            return
        if event["kind"] == "reset":
            self.go_on_behind("0")
            self.join()
            return
        with self.lock:
            if event["seq"] > self.last:
                self.ahead[event["seq"]] = event
            while self.last + 1 in self.ahead:
                following = self.ahead.pop(self.last + 1)
                self.cursor, self.last = following["cursor"], following["seq"]
                self.todo.put(following)

    def answer(self, seq):
        """Answers one ping. The cids are made of the ping, so that not even a
        bot that was killed before it could note its answer answers twice."""
        sent = self.ask("sendMessage", {"roomId": self.room, "messageText": "pong", "cid": f"pong-{seq}"})
        if sent["ok"]:
            self.ask("editMessage", {
                "roomId": self.room, "targetSeq": sent["seq"], "messageText": f"pong to {seq}", "cid": f"edit-{seq}",
            })

    def problem(self, said):
        if said["code"] == "expiring":
            self.token = sign_in()
            self.ask("authenticate", {"token": self.token})
        elif said["code"] in ("unauthorized", "revoked"):
            self.token = sign_in()
        elif not said["reconnect"]:
            fail(said["message"])


if __name__ == "__main__":
    Bot().run()
