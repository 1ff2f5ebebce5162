"""What a person sees, asserted on the document a real browser made of it."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from browser import HEIGHT, WIDTH, Browser

KEY = "local-admin"
# Customers write what they like; a page must show it as text.
HOSTILE = "<img src=x onerror=alert(1)>"


class Service:
    def __init__(self, program, data):
        environment = dict(os.environ, RUST_MIN_STACK="16777216")
        self.process = subprocess.Popen(
            [program, "serve", "--listen", "127.0.0.1:0", "--data", data],
            stdout=subprocess.PIPE,
            stderr=sys.stderr,
            text=True,
            env=environment,
        )
        first = self.process.stdout.readline().strip()
        if not first.startswith("listening on "):
            raise SystemExit(f"the service did not start: {first}")
        self.base = first.removeprefix("listening on ")
        # What it says from now on must not fill the pipe.
        subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)

    def ask(self, method, path, body=None, key=None, accept="application/json"):
        headers = {"Authorization": f"Bearer {KEY}", "Accept": accept}
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            text = answer.read().decode()
        return json.loads(text) if text.startswith(("{", "[")) else text

    def settle(self):
        self.ask("POST", "/_local/settle", {})

    def close(self):
        self.process.terminate()
        self.process.wait(30)


def order(number, locale, name="Ona Kazlauskienė"):
    return {
        "external_id": number,
        "currency": "EUR",
        "customer": {
            "name": name,
            "email": f"{number}@example.com",
            "phone": "+37061234567",
            "locale": locale,
            "time_zone": "Europe/Vilnius",
        },
        "delivery": {
            "method": "courier",
            "requested_date": "2030-12-01",
            "address": {
                "line1": "Gedimino pr. 9",
                "city": "Vilnius",
                "postal_code": "01103",
                "country": "LT",
            },
        },
        "payment": {"terms": "prepaid", "method": "card"},
        "lines": [
            {
                "sku": "PAGE-1",
                "quantity": 2,
                "unit_price": "12.50",
                "tax_rate": "0.21",
                "discounts": [{"code": "TEA10", "amount": "2.50"}],
            },
            {"sku": "PAGE-2", "quantity": 1, "unit_price": "8.50", "tax_rate": "0.05"},
        ],
        "shipping": {"method": "courier", "amount": "3.99", "tax_rate": "0.21"},
        "note": HOSTILE,
    }


class Walk:
    """Opens pages and remembers what is wrong with them."""

    def __init__(self, service, browser, pictures):
        self.service, self.browser, self.pictures = service, browser, pictures
        self.wrong, self.seen, self.times = [], 0, []

    def must(self, what, holds):
        self.seen += 1
        if not holds:
            self.wrong.append(what)
            print(f"  ✗ {what}")

    def open(self, name, path, status=200):
        began = time.monotonic()
        found, complaints = self.browser.open(self.service.base + path)
        self.times.append((name, time.monotonic() - began))
        # A browser calls the 404 that is wanted an error of loading.
        complaints = [c for c in complaints if status == 200 or "status of 404" not in c]
        self.must(f"{name}: status {found}, wanted {status}", found == status)
        self.must(f"{name}: the browser complains: {complaints}", not complaints)
        wide = self.browser.value("document.documentElement.scrollWidth")
        self.must(f"{name}: {wide} wide on a telephone of {WIDTH}", wide <= WIDTH)
        self.must(f"{name}: it has a script", self.browser.count("script") == 0)
        self.must(f"{name}: hostile text became an element", self.browser.count("img") == 0)
        small = self.browser.value(
            "[...document.querySelectorAll('main *')].filter(e => e.innerText && "
            "parseFloat(getComputedStyle(e).fontSize) < 12).length"
        )
        self.must(f"{name}: {small} elements too small to read", small == 0)
        if self.pictures:
            self.browser.picture(os.path.join(self.pictures, name + ".png"))
            self.browser.size(1280, 900)
            self.browser.picture(os.path.join(self.pictures, name + "-wide.png"))
            self.browser.size(WIDTH, HEIGHT)


def house(walk, first, hostile):
    service, browser = walk.service, walk.browser
    number = first["number"]
    walk.open("orders", "/")
    walk.must("orders: five rows", browser.count("#orders tbody tr") == 5)
    walk.must("orders: the number is there", number in browser.text("#orders"))
    walk.must("orders: a status is there", "confirmed" in browser.text("#orders"))
    for name, query, rows in [
        ("search by number", f"q={number}", 1),
        ("search by name", "q=" + urllib.parse.quote("Ona Kazl"), 4),
        ("search by status", "status=confirmed", 1),
        ("search that finds nothing", "q=nobody%40example.com", 0),
    ]:
        walk.open(name.replace(" ", "-"), "/?" + query)
        found = browser.count("#orders tbody tr")
        walk.must(f"{name}: {found} rows, wanted {rows}", found == rows)

    walk.open("order", f"/_local/orders/{first['id']}")
    history = service.ask("GET", f"/v1/orders/{first['id']}/history?limit=200")["items"]
    timeline = browser.count("#timeline li")
    walk.must(f"order: {timeline} in the timeline of {len(history)}", timeline == len(history))
    walk.must("order: both lines", browser.count("#lines tbody tr") == 2)
    money = browser.text("#money")
    taxes = [tax["tax"] for tax in first["totals"]["taxes"]]
    for figure in [first["totals"]["gross"], *taxes, "21 %", "5 %"]:
        walk.must(f"order: {figure} among the money", figure in money)
    sent = [m for m in service.ask("GET", "/_local/messages") if m["order"] == first["id"]]
    shown = browser.count("#messages details")
    walk.must(f"order: {shown} messages of {len(sent)}", shown == len(sent) > 0)
    browser.value("document.querySelectorAll('#messages details').forEach(d => d.open = true)")
    rendered = browser.value("document.querySelector('#messages iframe').srcdoc")
    walk.must("order: the message is shown as rendered", number in rendered)
    walk.must("order: why is answered", browser.count("#why details") > 0)

    walk.open("hostile", f"/_local/orders/{hostile['id']}")
    walk.must("hostile: shown as text", HOSTILE in browser.text("main"))
    walk.open("stock", "/_local/stock")
    walk.must("stock: both articles", browser.count("#stock tbody tr") >= 2)
    walk.must("stock: figures", "PAGE-1" in browser.text("#stock"))
    walk.open("due", "/_local/due")
    walk.must("due: orders wait", browser.count("#due tbody tr") >= 1)
    walk.open("queues", "/_local/work")
    walk.must("queues: each is named", "notify" in browser.text("#queues"))
    walk.open("messages", "/_local/outbox")
    walk.must("messages: listed", browser.count("#messages tbody tr") >= len(sent))
    walk.open("message", f"/_local/outbox/{sent[0]['number']}")
    walk.must("message: as it looks", browser.count("iframe") == 1)
    walk.open("no-such-page", "/_local/orders/none", 404)


WORDS = {
    "en": ("Delivery to", "€"),
    "lt": ("Pristatymas", "Užsakymas"),
    "ro": ("Livrare la", "Comanda"),
    "ru": ("Доставка", "Заказ"),
}


def customers(walk, orders):
    service, browser = walk.service, walk.browser
    for locale, placed in orders.items():
        seen = service.ask("GET", f"/v1/orders/{placed['id']}")
        path = urllib.parse.urlsplit(seen["tracking_url"]).path
        walk.open(f"track-{locale}", path)
        walk.must(f"track {locale}: its language", browser.value("document.documentElement.lang") == locale)
        body = browser.text("body")
        for word in WORDS[locale] + (seen["number"], "O… K…", "G… p… 9…"):
            walk.must(f"track {locale}: {word}", word.lower() in body.lower())
        for secret in ["Gedimino", "Kazlausk", "@example.com", "61234567"]:
            walk.must(f"track {locale}: says {secret}", secret not in browser.value("document.documentElement.outerHTML"))
        walk.must(f"track {locale}: a status", len(browser.text("#status")) > 2)
    walk.must("track: the parcel's number", "05868123" in service.ask("GET", path_of(service, orders["lt"]), accept="text/html"))
    browser.language("lt")
    for name, path in [("forged", path_of(service, orders["en"])[:-2] + "xx"), ("nonsense", "/v1/track/abc.def")]:
        walk.open(f"track-{name}", path, 404)
        walk.must(f"{name}: a plain page", browser.value("document.documentElement.lang") == "lt")
    browser.language("")


def approvals(walk):
    """An edit that its customer answers, on a telephone, by the form of a page without scripts."""
    service, browser = walk.service, walk.browser
    for locale in WORDS:
        placed = service.ask("POST", "/v1/orders", order(f"ask-{locale}", locale))
        service.settle()
        service.ask("POST", "/_local/pay", {"order": placed["id"]})
        service.settle()
        edit = {"approval": "customer", "reason": HOSTILE,
                "lines": [{"line": 1, "quantity": 3}, {"line": 2, "quantity": 2}]}
        asked = service.ask("POST", f"/v1/orders/{placed['id']}/edit", edit)
        path = urllib.parse.urlsplit(asked["question"]["url"]).path
        walk.open(f"approve-{locale}", path)
        walk.must(f"approve {locale}: its language", browser.value("document.documentElement.lang") == locale)
        walk.must(f"approve {locale}: what the house wrote, as text", HOSTILE in browser.text("main"))
        walk.must(f"approve {locale}: both totals", browser.text("#total") != browser.text("#proposed"))
        for secret in ["Gedimino", "Kazlausk", "@example.com", "61234567"]:
            walk.must(f"approve {locale}: says {secret}", secret not in browser.value("document.documentElement.outerHTML"))
        low = browser.value("[...document.querySelectorAll('button, label.say')]"
                            ".filter(e => e.getBoundingClientRect().height < 44).length")
        walk.must(f"approve {locale}: {low} things too small to press", low == 0)
        if locale == "ru":
            browser.press("button[value=refuse]")
            wanted = asked["totals"]["gross"]
        else:
            # Sent before all is chosen, the browser itself holds the form back.
            browser.value("document.querySelector('input[name=\"item.line-1\"][value=accept]').checked = true")
            held = browser.value("!document.querySelector('form').checkValidity()")
            walk.must(f"approve {locale}: an open item is noticed", held)
            browser.value("document.querySelector('input[name=\"item.line-2\"][value=refuse]').checked = true")
            browser.value("document.querySelector('#comment').value = 'Ačiū'")
            browser.press("button.main")
            wanted = None
        walk.must(f"approve {locale}: it is answered", browser.count("form") == 0)
        walk.must(f"approve {locale}: at its own address", browser.value("location.pathname") == path)
        walk.open(f"answered-{locale}", path)
        after = service.ask("GET", f"/v1/orders/{placed['id']}")
        quantities = [line["quantity"] for line in after["lines"]]
        walk.must(f"approve {locale}: {quantities}", quantities == ([2, 1] if wanted else [3, 1]))


def path_of(service, placed):
    seen = service.ask("GET", f"/v1/orders/{placed['id']}")
    return urllib.parse.urlsplit(seen["tracking_url"]).path


def ended(walk, closed):
    """A tracking page is shown until 90 days after the order closed."""
    path = path_of(walk.service, closed)
    walk.service.ask("POST", "/_local/clock", {"advance": "89d"})
    walk.open("track-closed", path)
    walk.service.ask("POST", "/_local/clock", {"advance": "1d"})
    walk.open("track-ended", path, 404)


def prepare(service):
    for sku, name, rate in [("PAGE-1", "Linden tea, 100 g", "0.21"), ("PAGE-2", "A book about bees", "0.05")]:
        product = {"name": name, "prices": {"EUR": "12.50" if sku == "PAGE-1" else "8.50"}, "tax_rate": rate}
        service.ask("PUT", f"/v1/products/{sku}", product)
    movement = {"warehouse": "VNO", "type": "receipt", "quantity": 50, "reason": "pages"}
    movements = [dict(movement, sku=sku) for sku in ["PAGE-1", "PAGE-2"]]
    service.ask("POST", "/v1/stock/movements", {"movements": movements}, key="pages")
    orders = {}
    for locale in WORDS:
        orders[locale] = service.ask("POST", "/v1/orders", order(f"page-{locale}", locale))
    hostile = service.ask("POST", "/v1/orders", order("page-hostile", "en", HOSTILE))
    service.settle()
    for locale in ["lt", "ro"]:
        service.ask("POST", "/_local/pay", {"order": orders[locale]["id"]})
    service.settle()
    command = lambda name, body: service.ask("POST", f"/v1/orders/{orders['lt']['id']}/{name}", body, key=name)
    parcel = {"carrier": "DPD", "tracking": "05868123", "lines": [{"line": 1, "quantity": 2}]}
    for name, body in [("pick", {}), ("pack", {}), ("ship", parcel)]:
        command(name, body)
    service.ask("POST", f"/v1/orders/{orders['ru']['id']}/cancel", {"reason": "changed_mind"}, key="c")
    service.settle()
    return {locale: service.ask("GET", f"/v1/orders/{o['id']}") for locale, o in orders.items()}, hostile


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--browser", required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--pictures", help="a folder for screenshots, outside the repository")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ordermill-pages-") as data:
        service = Service(arguments.program, data)
        browser = None
        try:
            orders, hostile = prepare(service)
            browser = Browser(arguments.browser)
            walk = Walk(service, browser, arguments.pictures)
            house(walk, orders["ro"], hostile)
            customers(walk, orders)
            approvals(walk)
            ended(walk, orders["ru"])
        finally:
            if browser:
                browser.close()
            service.close()
    slowest = max(walk.times, key=lambda pair: pair[1])
    mean = sum(t for _, t in walk.times) / len(walk.times)
    print(f"{len(walk.times)} pages, {walk.seen} looks, {1000 * mean:.0f} ms a page in the browser, "
          f"slowest {slowest[0]} with {1000 * slowest[1]:.0f} ms")
    if walk.wrong:
        raise SystemExit(f"{len(walk.wrong)} things are not as they should be")


if __name__ == "__main__":
    main()
