"""Headless Chromium over its debugging pipe: no package, no port."""

import base64
import json
import os
import subprocess
import tempfile

# A telephone, in CSS pixels.
WIDTH, HEIGHT = 390, 844


class Browser:
    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(prefix="ordermill-browser-")
        ours_out, theirs_in = os.pipe()[::-1]
        theirs_out_read, theirs_out = os.pipe()

        def wire():
            # Chromium reads commands on 3 and writes answers on 4. Both ends are moved out of the
            # way first, since one of them may stand on 3 or 4 itself.
            read_end, write_end = os.dup(theirs_in), os.dup(theirs_out)
            high_read, high_write = os.dup2(read_end, 100), os.dup2(write_end, 101)
            os.dup2(high_read, 3)
            os.dup2(high_write, 4)

        self.process = subprocess.Popen(
            [
                program,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--no-first-run",
                "--hide-scrollbars",
                "--remote-debugging-pipe",
                "--user-data-dir=" + self.folder.name,
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=wire,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.out = os.fdopen(ours_out, "wb", buffering=0)
        self.answers = os.fdopen(theirs_out_read, "rb", buffering=0)
        self.rest = b""
        self.number = 0
        self.session = None
        self.said = []
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})
        self.session = attached["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.ask(domain + ".enable")
        self.size(WIDTH, HEIGHT)

    def size(self, width, height):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True}
        self.ask("Emulation.setDeviceMetricsOverride", metrics)

    def language(self, tag):
        self.ask("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": tag}})

    def ask(self, method, params=None):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params or {}}
        if self.session:
            message["sessionId"] = self.session
        self.out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def next(self):
        while b"\0" not in self.rest:
            more = self.answers.read(65536)
            if not more:
                raise RuntimeError("the browser ended")
            self.rest += more
        text, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(text)
        if "method" in message:
            self.said.append(message)
        return message

    def open(self, url):
        """Opens an address; gives the HTTP status, and what the browser had to say against it."""
        self.said = []
        self.ask("Page.navigate", {"url": url})
        return self.loaded()

    def press(self, selector):
        """Presses what leads to another page; gives the same as [open]."""
        self.said = []
        self.value(f"document.querySelector({json.dumps(selector)}).click()")
        return self.loaded()

    def loaded(self):
        while not any(m["method"] == "Page.loadEventFired" for m in self.said):
            self.next()
        self.value("1")
        status = None
        complaints = []
        for message in self.said:
            params = message["params"]
            if message["method"] == "Network.responseReceived" and params["type"] == "Document":
                if params["response"]["url"].startswith("http"):
                    status = int(params["response"]["status"])
            if message["method"] == "Log.entryAdded" and params["entry"]["level"] == "error":
                complaints.append(params["entry"]["text"])
            if message["method"] == "Runtime.exceptionThrown":
                complaints.append(str(params["exceptionDetails"]))
        return status, complaints

    def value(self, expression):
        """What an expression gives in the page. The page's own rules against scripts do not bind
        the debugger."""
        params = {"expression": expression, "returnByValue": True}
        result = self.ask("Runtime.evaluate", params)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def text(self, selector):
        return self.value(f"document.querySelector({json.dumps(selector)})?.innerText ?? null")

    def count(self, selector):
        return self.value(f"document.querySelectorAll({json.dumps(selector)}).length")

    def picture(self, path):
        params = {"format": "png", "captureBeyondViewport": True}
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        height = min(size["height"], 4000)
        params["clip"] = {"x": 0, "y": 0, "width": size["width"], "height": height, "scale": 1}
        data = self.ask("Page.captureScreenshot", params)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.folder.cleanup()
