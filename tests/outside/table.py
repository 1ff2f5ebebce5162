"""Reads the table with boto3, as any tool could, and holds what stands there against the API.

What it knows of the table is `shared/table/src/keys.rs` and `rows/`, written down here a second time:
names of attributes, thousandths of units, amounts in minor units, long documents packed.
"""

import json
import pathlib

import boto3
import requests
import zstandard
from boto3.dynamodb.conditions import Key

TABLE = "ordermill-table"
DICTIONARY = pathlib.Path("shared/table/src/packing.dictionary")
# Decimal places where they are not two, as far as Schemathesis happens to use such currencies.
PLACES = {"JPY": 0, "KRW": 0, "ISK": 0, "VND": 0, "CLP": 0, "HUF": 2, "KWD": 3, "BHD": 3, "TND": 3,
          "JOD": 3, "OMR": 3, "IQD": 3, "LYD": 3, "XOF": 0, "XAF": 0, "XPF": 0, "PYG": 0, "UGX": 0,
          "RWF": 0, "GNF": 0, "KMF": 0, "DJF": 0, "BIF": 0, "VUV": 0, "UYI": 0, "CLF": 4, "UYW": 4}


class Disagreement(Exception):
    """The table and the API say different things."""


class Api:
    """The service over HTTP."""

    def __init__(self, base):
        self.base = base
        self.session = requests.Session()
        self.session.headers["Authorization"] = "Bearer local-admin"

    def get(self, path):
        answer = self.session.get(self.base + path, timeout=60)
        if answer.status_code != 200:
            raise Disagreement(f"GET {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def post(self, path, body, key=None):
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.session.post(self.base + path, json=body, headers=headers, timeout=60)
        if answer.status_code >= 300:
            raise Disagreement(f"POST {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def items(self, path):
        """Every element of a list, page by page."""
        cursor = ""
        while cursor is not None:
            page = self.get(f"{path}?limit=200&cursor={cursor}")
            yield from page["items"]
            cursor = page["next"]


class Table:
    """The table, as boto3 gives it."""

    def __init__(self, endpoint):
        resource = boto3.resource(
            "dynamodb", endpoint_url=endpoint, region_name="eu-north-1",
            aws_access_key_id="any", aws_secret_access_key="any",
        )
        self.table = resource.Table(TABLE)
        known = zstandard.ZstdCompressionDict(DICTIONARY.read_bytes())
        self.unpacker = zstandard.ZstdDecompressor(dict_data=known)

    def document(self, row):
        """The JSON of a row: text where it is short, else packed."""
        text = row["b"]
        if not isinstance(text, str):
            text = self.unpacker.decompress(bytes(text)).decode()
        return json.loads(text)

    def scan(self):
        start = {}
        while True:
            page = self.table.scan(ConsistentRead=True, **start)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def query(self, condition, **more):
        start = {}
        while True:
            page = self.table.query(KeyConditionExpression=condition, **more, **start)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def row(self, pk, sk):
        return self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")


def same(about, table, api):
    if table != api:
        raise Disagreement(f"{about}: the table says {table!r}, the API {api!r}")


def decimal(minor, currency):
    places = PLACES.get(currency, 2)
    sign, minor = ("-" if minor < 0 else ""), abs(minor)
    text = str(minor).rjust(places + 1, "0")
    return sign + (f"{text[:-places]}.{text[-places:]}" if places else text)


def units(thousandths):
    whole = int(thousandths) / 1000
    return int(whole) if whole == int(whole) else whole


def small_load(api):
    """Orders that have been through something: paid, shipped, returned, cancelled, waiting."""
    for sku, amount in [("BOTO-1", 50), ("BOTO-2", 2)]:
        answer = api.session.put(f"{api.base}/v1/products/{sku}", timeout=60, json={
            "name": sku, "prices": {"EUR": "10.00"}, "tax_rate": "0.21"})
        assert answer.status_code in (200, 201), answer.text
        api.post("/v1/stock/movements", {"movements": [
            {"sku": sku, "warehouse": "VNO", "type": "receipt", "quantity": amount,
             "reason": "delivery"}]}, f"boto-stock-{sku}")
    made = []
    for number in range(12):
        sku = "BOTO-2" if number % 4 == 3 else "BOTO-1"
        lines = [{"sku": sku, "quantity": 1 + number % 3, "unit_price": "10.00",
                  "tax_rate": "0.21"}] * (25 if number == 5 else 1)
        order = api.post("/v1/orders", {
            "external_id": f"boto-{number}", "policy": "webshop", "currency": "EUR",
            "customer": {"name": "Ona Petraitytė", "email": f"ona{number}@example.com"},
            "delivery": {"method": "courier", "address": {
                "line1": "Gedimino pr. 9", "city": "Vilnius", "postal_code": "01103",
                "country": "LT"}},
            "payment": {"terms": "prepaid", "method": "card"}, "lines": lines})
        made.append(order["id"])
    api.post("/_local/settle", {})
    for number, order in enumerate(made):
        if number % 3 != 2:
            api.post("/_local/pay", {"order": order})
    api.post("/_local/settle", {})
    shipped = 0
    for number, order in enumerate(made):
        at = f"/v1/orders/{order}"
        status = api.get(at)["status"]
        if number % 3 == 2:
            api.post(f"{at}/cancel", {"reason": "changed_mind"}, f"boto-cancel-{number}")
        elif status == "confirmed" and number % 2 == 0:
            api.post(f"{at}/pick", {}, f"boto-pick-{number}")
            api.post(f"{at}/pack", {}, f"boto-pack-{number}")
            api.post(f"{at}/ship", {"carrier": "DPD", "tracking": str(number)},
                     f"boto-ship-{number}")
            shipped += 1
            if number % 4 == 0:
                api.post(f"{at}/deliver", {}, f"boto-deliver-{number}")
                api.post(f"{at}/return", {"reason": "too small", "lines": [
                    {"line": 1, "quantity": 1, "condition": "restock", "warehouse": "VNO"}]},
                    f"boto-return-{number}")
    api.post("/_local/settle", {})
    assert shipped > 1, "the load ships nothing: it shows too little"


def agree(endpoint, base):
    """Everything in the table against the API; says what was compared."""
    api, table = Api(base), Table(endpoint)
    small_load(api)
    rows = list(table.scan())
    of = lambda kind: [row for row in rows if row["kind"] == kind]
    headers = {row["pk"].removeprefix("O#"): row for row in of("order")}
    shown = {order["id"]: order for order in api.items("/v1/orders")}
    same("which orders there are", sorted(headers), sorted(shown))
    pages = {}
    for row in of("page"):
        pages.setdefault(row["pk"].removeprefix("O#"), []).append(row)
    held, waiting, events = {}, {}, 0
    for order, row in headers.items():
        same(f"row of order {order}", row, table.row(row["pk"], "A"))
        said = api.get(f"/v1/orders/{order}")
        document = table.document(row)
        lines = document.get("l") or [
            state for page in sorted(pages.get(order, []), key=lambda page: page["sk"])
            for state, _ in table.document(page)]
        order_agrees(order, row, document, lines, said)
        money_agrees(order, document, said)
        events += history_agrees(order, int(row["v"]), table, api)
        for line in lines:
            waiting[line["s"]] = waiting.get(line["s"], 0) + line.get("b", 0)
            for warehouse, quantity, _ in line.get("a", []):
                place = (line["s"], warehouse)
                held[place] = held.get(place, 0) + quantity
    stock = stock_agrees(rows, held, waiting, api)
    products = {row["pk"].removeprefix("P#") for row in table.query(
        Key("op").eq("X#product"), IndexName="owner")}
    anchors = {row["pk"].removeprefix("S#") for row in of("anchor")}
    same("articles in the index", products, {row["pk"].removeprefix("P#") for row in of("product")})
    assert len(headers) > 10 and stock > 1 and events > 50 and anchors, "too little to compare"
    return (f"{len(rows)} rows: {len(headers)} orders, {events} events, {stock} stock lines, "
            f"{len(products)} articles; the table and the API agree")


def order_agrees(order, row, document, lines, said):
    currency = said["currency"]
    about = f"order {order}"
    same(f"{about}: version", int(row["v"]), said["version"])
    same(f"{about}: status", document["st"], said["status"])
    same(f"{about}: phase", document["ph"], said["phase"])
    same(f"{about}: external id", document.get("x"), said["external_id"])
    same(f"{about}: client", document["cl"], said["client"])
    same(f"{about}: total", decimal(document["su"][6], currency), said["totals"]["gross"])
    same(f"{about}: tax", decimal(document["su"][5], currency), said["totals"]["tax"])
    same(f"{about}: is owed something", "wd" in row, said["due_at"] is not None)
    same(f"{about}: lines", len(lines), len(said["lines"]))
    for line, shown in zip(lines, said["lines"]):
        place = f"{about}, line {line['n']}"
        same(f"{place}: article", line["s"], shown["sku"])
        for name, field in [("q", "quantity"), ("b", "backordered"), ("h", "shipped"),
                            ("r", "returned"), ("c", "cancelled")]:
            same(f"{place}: {field}", units(line.get(name, 0)), shown[field])
        allocations = {warehouse: units(quantity) for warehouse, quantity, _ in line.get("a", [])
                       if quantity}
        same(f"{place}: held", allocations,
             {one["warehouse"]: one["quantity"] for one in shown["allocations"]
              if one["quantity"]})


def money_agrees(order, document, said):
    currency = said["currency"]
    ledger = document.get("mo", {})
    payments = ledger.get("payments", [])
    received = sum(payment["received"] for payment in payments) - ledger.get("transferred", 0)
    refunded = sum(payment["refunded"] for payment in payments)
    same(f"order {order}: paid", decimal(received, currency), said["payment"]["paid"])
    same(f"order {order}: refunded", decimal(refunded, currency), said["payment"]["refunded"])
    objects = {(payment["provider"], payment["reference"]):
               (decimal(payment["received"], currency), decimal(payment["refunded"], currency))
               for payment in payments}
    same(f"order {order}: money objects", objects,
         {(one["provider"], one["reference"]): (one["amount"], one["refunded"])
          for one in said["payment"]["payments"]})


def history_agrees(order, version, table, api):
    stored = {}
    for row in table.query(Key("pk").eq(f"H#{order}")):
        for event in table.document(row):
            stored[event["v"]] = (event["k"], event.get("f"), event.get("t"), event["a"]["kind"])
    same(f"order {order}: versions in the history", sorted(stored), list(range(1, version + 1)))
    shown = {event["version"]: (event["type"], event["from"], event["to"], event["actor"]["kind"])
             for event in api.items(f"/v1/orders/{order}/history")}
    same(f"order {order}: history", stored, shown)
    return len(stored)


def stock_agrees(rows, held, waiting, api):
    lines = [row for row in rows if row["kind"] == "stock"]
    for row in lines:
        sku, warehouse = row["pk"].removeprefix("S#"), row["sk"].removeprefix("W#")
        said = api.get(f"/v1/stock/{requests.utils.quote(sku, safe='')}")
        shown = [one for one in said["warehouses"] if one["warehouse"] == warehouse]
        same(f"stock of {sku} at {warehouse}: lines", 1, len(shown))
        about = f"stock of {sku} at {warehouse}"
        for name in ["on_hand", "reserved", "safety_stock", "manual_reserve"]:
            same(f"{about}: {name}", units(row.get(name, 0)), shown[0][name])
        by_hand = int(row.get("manual_reserve", 0))
        same(f"{about}: held by orders", int(row["reserved"]) - by_hand,
             held.get((sku, warehouse), 0))
    for row in rows:
        if row["kind"] == "anchor":
            sku = row["pk"].removeprefix("S#")
            same(f"{sku}: waited for", int(row.get("waiting", 0)), waiting.get(sku, 0))
    return len(lines)
