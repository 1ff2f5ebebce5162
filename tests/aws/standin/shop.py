"""The deployed API as a shop uses it."""

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import time

from checks import Failed, until

SECRET = "whsec_" + base64.b64encode(b"a secret of this run").decode()
STRIPE_SECRET = "whsec_a_secret_of_this_run"
COUNT = itertools.count(1)


def order(external_id: str, sku: str, quantity: int, **more) -> dict:
    """An order: prepaid by card, 10.00 EUR a unit."""
    return {
        "external_id": external_id,
        "currency": "EUR",
        "customer": {"name": "Ona Petraitytė", "email": f"{external_id}@example.com", "locale": "en"},
        "delivery": {
            "method": "courier",
            "address": {
                "line1": "Gedimino pr. 9", "city": "Vilnius", "postal_code": "01103", "country": "LT",
            },
        },
        "payment": {"terms": "prepaid", "method": "card"},
        "lines": [{"sku": sku, "quantity": quantity, "unit_price": "10.00", "tax_rate": "0.21"}],
    } | more


class Shop:
    """Calls the API through the stand-in's gateway."""

    def __init__(self, port: int, api_url: str) -> None:
        self.port = port
        # The name does not resolve; the gateway tells APIs apart by this header, as AWS does.
        self.host = api_url.removeprefix("http://").removeprefix("https://")
        self.key = ""

    def send(self, method: str, path: str, body: object = None, **headers: str):
        """A request; its status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {"Host": self.host, "Content-Type": "application/json"}
        if self.key:
            given["Authorization"] = f"Bearer {self.key}"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        connection.request(method, path, body=data, headers=given)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        is_json = "json" in answer.headers.get("content-type", "")
        return answer.status, answer.headers, json.loads(text) if is_json else text

    def done(self, method: str, path: str, body: object = None):
        """A request that must succeed; its body."""
        key = f"k-{next(COUNT)}-{time.time_ns()}"
        status, _, answer = self.send(method, path, body, Idempotency_Key=key)
        if not 200 <= status < 300:
            raise Failed(f"{method} {path}: {status} {answer}")
        return answer

    def stock(self, sku: str, quantity: int) -> None:
        """A product, and so many units of it."""
        self.done("PUT", f"/v1/products/{sku}",
                  {"name": sku, "prices": {"EUR": "10.00"}, "tax_rate": "0.21"})
        self.receive(sku, quantity)

    def receive(self, sku: str, quantity: int) -> None:
        """Goods come in."""
        movement = {"sku": sku, "warehouse": "VNO", "type": "receipt", "quantity": quantity,
                    "reason": "delivery"}
        self.done("POST", "/v1/stock/movements", {"movements": [movement]})

    def stock_of(self, sku: str) -> str:
        """The stock of a SKU as text."""
        stock = self.done("GET", f"/v1/stock/{sku}")
        names = ("on_hand", "reserved", "available", "waiting")
        return ", ".join(f"{name} {stock[name]}" for name in names)

    def place(self, body: dict) -> str:
        """Places an order; its id."""
        return self.done("POST", "/v1/orders", body)["id"]

    def status(self, order_id: str) -> str:
        """The order's status."""
        return self.done("GET", f"/v1/orders/{order_id}")["status"]

    def comes_to(self, order_id: str, status: str, seconds: float = 300) -> None:
        """Waits until the order has that status."""
        seen = []

        def look() -> bool:
            seen[:] = [self.status(order_id)]
            return seen == [status]

        try:
            until("", look, seconds, every=0.05)
        except Failed:
            raise Failed(f"the order is {seen[0]} after {seconds:.0f} s, not {status}") from None

    def pay(self, order_id: str, amount: str, reference: str, event: str | None = None) -> int:
        """The generic provider tells of a payment, truly signed; the status of the answer."""
        body = json.dumps({
            "type": "payment.succeeded",
            "data": {"order_id": order_id, "amount": amount, "currency": "EUR",
                     "reference": reference},
        }).encode()
        return self.webhook(event or f"e-{next(COUNT)}", body, SECRET)

    def webhook(self, event: str, body: bytes, secret: str) -> int:
        """An event of the generic provider (Standard Webhooks)."""
        now = str(int(time.time()))
        key = base64.b64decode(secret.removeprefix("whsec_"))
        text = f"{event}.{now}.".encode() + body
        signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        status, _, _ = self.send(
            "POST", "/v1/payments/webhooks/generic", body, webhook_id=event, webhook_timestamp=now,
            webhook_signature=f"v1,{signature}", Authorization="",
        )
        return status

    def stripe(self, event: dict) -> int:
        """An event of Stripe, truly signed; the status of the answer."""
        body, now = json.dumps(event).encode(), str(int(time.time()))
        text = f"{now}.".encode() + body
        signature = hmac.new(STRIPE_SECRET.encode(), text, hashlib.sha256).hexdigest()
        status, _, _ = self.send(
            "POST", "/v1/payments/webhooks/stripe", body,
            Stripe_Signature=f"t={now},v1={signature}", Authorization="",
        )
        return status

    def way(self, order_id: str) -> list[str]:
        """The statuses an order went through."""
        way: list[str] = []
        for event in self.done("GET", f"/v1/orders/{order_id}/history?limit=200")["items"]:
            to = event.get("to")
            if to and way[-1:] != [to]:
                way.append(to)
        return way
