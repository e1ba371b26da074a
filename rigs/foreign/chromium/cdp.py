"""Chromium's debugging protocol over the pipe of its own process: as much as opening pages and pressing what is on them needs."""

import json
import os


class Browser:
    """A Chromium with one window."""

    def __init__(self, arguments, start, **more):
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        # Chromium reads commands from file descriptor 3 and writes answers to 4.
        shell = f"exec \"$@\" 3<&{to_read} 4>&{to_write}"
        self.process = start(["bash", "-c", shell, "chromium", *arguments, "--remote-debugging-pipe"],
                             pass_fds=[to_read, to_write], **more)
        os.close(to_read)
        os.close(to_write)
        self._number, self._rest = 0, b""
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(one for one in targets if one["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]

    _session = None

    def call(self, method, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(self._next())
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]

    def _next(self):
        while b"\0" not in self._rest:
            read = os.read(self._from, 65536)
            if not read:
                raise SystemExit("the browser ended")
            self._rest += read
        message, self._rest = self._rest.split(b"\0", 1)
        return message

    def run(self, script):
        """The value of an expression in the page; awaited, if it is a promise. As if a person had just pressed something."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise SystemExit(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")
