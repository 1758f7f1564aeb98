"""A Firefox that tests drive: the few commands of WebDriver BiDi that they need, which Firefox itself speaks.

Playwright brings a Firefox of its own and can't drive the system's.
"""

import contextlib
import itertools
import json
import re
import subprocess
import tempfile

import websocket

QUIET = """\
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
"""
LONG = 600  # seconds: a limit against standing still, nothing that is measured


class Firefox:
    """One page in a Firefox without a window.

    Args:
        connection: a WebSocket of WebDriver BiDi.
    """

    def __init__(self, connection):
        self._connection, self._numbers = connection, itertools.count(1)
        self.requests, self.complaints = [], []
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["network.beforeRequestSent", "log.entryAdded"])
        self._page = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def new_tab(self):
        """Go on in a new tab; the one before stays as it is."""
        self._page = self._ask("browsingContext.create", type="tab")["context"]

    def resize(self, width, height):
        """Give the page this size, in CSS pixels."""
        self._ask("browsingContext.setViewport", context=self._page, viewport={"width": width, "height": height})

    def goto(self, address):
        """Open a page and wait until it is complete."""
        self._ask("browsingContext.navigate", context=self._page, url=address, wait="complete")

    def evaluate(self, expression):
        """The value of a JavaScript expression, which may be a promise, as plain data."""
        found = self._ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self._page},
            awaitPromise=True,
        )
        assert found["type"] == "success", found["exceptionDetails"]["text"]
        return json.loads(found["result"].get("value", "null"))

    def press(self, *keys):
        """Press keys one after the other; an array of keys is pressed together."""
        actions = []
        for key in keys:
            together = [key] if isinstance(key, str) else key
            actions += [{"type": "keyDown", "value": one} for one in together]
            actions += [{"type": "keyUp", "value": one} for one in reversed(together)]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self._ask("input.performActions", context=self._page, actions=[keyboard])

    def _ask(self, method, **parameters):
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._connection.recv())
            if said.get("id") == number:
                assert said["type"] == "success", f"{method}: {said.get('message')}"
                return said["result"]
            self._note(said)

    def _note(self, event):
        if event.get("method") == "network.beforeRequestSent":
            self.requests.append(event["params"]["request"]["url"])
        elif event.get("method") == "log.entryAdded" and event["params"]["level"] == "error":
            self.complaints.append(event["params"]["text"])


@contextlib.contextmanager
def started(executable, **settings):
    """A `Firefox` with further settings, given by their names with _ for each full stop; ended with the block."""
    with tempfile.TemporaryDirectory() as profile:
        with open(f"{profile}/user.js", "w", encoding="utf-8") as file:
            file.write(QUIET)
            for name, value in settings.items():
                file.write(f'user_pref("{name.replace("_", ".")}", {json.dumps(value)});\n')
        command = [executable, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            lines = iter(process.stderr.readline, "")
            address = next(filter(None, (re.search(r"BiDi listening on (ws://\S+)", line) for line in lines)))[1]
            connection = websocket.create_connection(f"{address}/session", timeout=LONG, suppress_origin=True)
            try:
                yield Firefox(connection)
            finally:
                connection.close()
        finally:
            process.terminate()
            process.wait()
            process.stderr.close()
