# SPDX-License-Identifier: Apache-2.0
"""One stack, district and gateway for a whole file of short tests; each test takes entities of its own.

    stage.entity("machinery")           one that no test had before
    stage.connect(entity)               its connection; .platform(entity) a platform's that reports for all of its sector
    stage.office(code)                  an organisation's connection
    stage.native(client, name, bytes)   a message of an adapter -> the items of its receipt
    stage.sealed(rows, **outer)         rows in the envelope of the national exchange
    stage.head("hazard", id, "level")   columns of a head
    stage.rate("2020-10", entity)       (n, d) of the entity's township and sector, as `dualgate rate` says
"""

import base64
import glob
import itertools
import json
import os
import shutil
import subprocess
import tempfile

import psycopg

from . import reports
from .district import District, Entity
from .gateway import Gateway, cli
from .publisher import Publisher
from .servers import NODE, ROOT, Stack
from .wait import wait_until

KEY = "zhanhe-demo-2020"
PLATFORM = "platform"
DEPARTMENT = "yjglj"
RETIRED, SUCCESSOR = NODE + "100", NODE + "007"
SECTORS = ("hazchem", "machinery", "construction", "other", "transport", "education")
ENTITIES = 186
COMPANY_OF_FIRST = 12345000  # nine digits with its zero
CODES = ("30_sector", "31_code_system", "32_code_gbt4754_2017", "33_code_gbt4754_2011", "34_code_safety", "35_code_map",
         "36_calendar_day", "37_calendar_year", "38_deadline_rule")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Stage:
    def __init__(self, mappings, **settings):
        self.place = tempfile.mkdtemp(prefix="dg-")
        self.stack = Stack(os.path.join(self.place, "dev"))
        self.gateway, self.db, self.probe, self.made, self.offices = None, None, None, [], {}
        self.number = itertools.count(1)
        self.stack.up(migrated=True, fsync=False, environment={})
        try:
            self.figures = self._figures()
            self.db = self.stack.connect()
            self.adapters = self._adapters(mappings)
            self._register()
            self.gateway = Gateway(self.stack, os.path.join(self.place, "gateway"),
                                   adapters={"path": self.adapters}, **settings)
            self.gateway.start()
            self.gateway.wait_ready()
        except BaseException:
            self.close()
            raise

    def close(self):
        self.leave()
        for office in self.offices.values():
            office.close()
        try:
            if self.gateway:
                self.gateway.end()
        finally:
            if self.db:
                self.db.close()
            self.stack.down()
            shutil.rmtree(self.place, ignore_errors=True)

    def _connect_to(self, database):
        env = self.stack.env()
        return psycopg.connect(host=env["PGHOST"], port=env["PGPORT"], user=env["PGUSER"], dbname=database,
                               autocommit=True)

    def _figures(self):
        """Settings of a second database, for figures that need a district of their own."""
        with self._connect_to("postgres") as db:
            db.execute("create database figures template %s" % self.stack.env()["PGDATABASE"])
        path = os.path.join(self.place, "figures.yaml")
        self.stack.write_config(path, pg={"database": "figures"})
        return path

    def figures_db(self):
        return self._connect_to("figures")

    def _adapters(self, mappings):
        """The shipped ones without their samples, which a gateway would run at its start, and the test's own."""
        folder = os.path.join(self.place, "adapters")
        shipped = glob.glob(os.path.join(ROOT, "adapters/*/mapping.yaml"))
        texts = {os.path.basename(os.path.dirname(path)): read(path) for path in shipped}
        for name, text in {**texts, **mappings}.items():
            os.makedirs(os.path.join(folder, name))
            with open(os.path.join(folder, name, "mapping.yaml"), "w", encoding="utf-8") as file:
                file.write(text)
        return folder

    def _register(self):
        district = District(self.stack, count=0)
        for name in CODES:
            cli(self.stack, "register", "import", os.path.join(ROOT, "config/register/%s.csv" % name))
        db = self.db
        db.execute("insert into register.division (code, name, parent) values (%s, '北渡街道', %s)", (SUCCESSOR, NODE))
        db.execute("update register.division set valid_to = '2019-12-31', mapped_to = %s where code = %s",
                   (SUCCESSOR, RETIRED))
        # The classes of accidents of 1986 end on a day that any clock is past.
        db.execute("update register.code_system set valid_to = '2020-06-30' where (system, version) = ('gb6441', '1986')")
        db.execute("update register.code_system set valid_from = '2020-07-01' where (system, version)"
                   " = ('gb6441', '2025')")
        for code, kind, sectors in ((DEPARTMENT, "DEPARTMENT", ["hazchem"]), ("awb", "COMMITTEE", [])):
            db.execute("insert into register.org (code, name, kind, division, sectors) values (%s, %s, %s, %s, %s)",
                       (code, code, kind, NODE, sectors))
        self.entities = {sector: [] for sector in SECTORS}
        with db.transaction():
            for number in range(1, ENTITIES + 1):
                sector = SECTORS[number % len(SECTORS)]
                one = Entity(number, sector, NODE + "%03d" % (1 + number // len(SECTORS) % 2))
                one.company = "%09d" % (COMPANY_OF_FIRST + number)
                district.add(db, one)
                db.execute("update register.entity set company_code = %s where uscc = %s", (one.company, one.uscc))
                self.entities[sector].append(one)
            db.execute("insert into register.publisher (code, kind, adapters, adapter_key)"
                       " values (%s, 'PLATFORM', %s, %s)", (PLATFORM, os.listdir(self.adapters), KEY))
            db.execute("insert into register.authorisation (publisher, uscc) values (%s, '*')", (PLATFORM,))

    # -- who reports --

    def entity(self, sector="machinery"):
        return self.entities[sector].pop()

    def add(self, entity):
        """A further one, and the gateway knows it."""
        self.db.execute("insert into register.entity (uscc, name, division, sector, build_state)"
                        " values (%s, %s, %s, %s, 'RUNNING')",
                        (entity.uscc, entity.name, entity.division, entity.sector))
        self.reload()
        return entity

    def reload(self):
        """Until the gateway judges by what stands in the register now: it takes a unit that was added last."""
        if not self.probe:
            self.probe = self.entity("other")
            self.offices[""] = Publisher(self.stack, self.probe.uscc, sector="other", client_id="probe").connect()
        unit = "probe-%d" % next(self.number)
        self.db.execute("insert into register.unit (uscc, unit, name, division, sector) values (%s, %s, 'x', %s, 'other')",
                        (self.probe.uscc, unit, self.probe.division))
        wait_until(lambda: self.offices[""].send(
            reports.zero_report(self.probe.uscc, "2020-01", {"unit": unit}))["verdict"] == "stored", 20, "the register")

    def connect(self, entity, code=None, **more):
        client = Publisher(self.stack, code or entity.uscc, sector=entity.sector,
                           client_id="c-%d" % next(self.number), clean=True, **more)
        self.made.append(client.connect())
        return client

    def platform(self, entity):
        return self.connect(entity, code=PLATFORM)

    def office(self, code):
        if code not in self.offices:
            self.offices[code] = Publisher(self.stack, code, sector="org", client_id="o-" + code).connect()
        return self.offices[code]

    def leave(self):
        """After each test: its connections end."""
        for client in self.made:
            client.close()
        self.made.clear()

    # -- what they send --

    def sealed(self, rows, cipher="-aes-128-cbc", key=KEY.encode(), vector=True):
        done = subprocess.run(["openssl", "enc", cipher, "-K", key.hex(), *(("-iv", key.hex()) if vector else ())],
                              input=json.dumps(rows, ensure_ascii=False).encode(), capture_output=True, check=True)
        return base64.b64encode(done.stdout).decode()

    def hazchem(self, client, path, *rows):
        return self.native(client, "hazchem", json.dumps({"path": path, "datas": self.sealed(rows)}))

    def native(self, client, adapter, payload, charset=None, timeout=30):
        """The items of the first receipt."""
        mark = ("n-%d" % next(self.number)).encode()
        kind = "application/vnd.dualgate." + adapter + ("; charset=" + charset if charset else "")
        client.publish_raw("up/native", payload, {"CorrelationData": mark, "ContentType": kind})

        def answered():
            with client.lock:
                return [parsed["items"] for _, parsed, properties in client.receipts
                        if getattr(properties, "CorrelationData", None) == mark]

        return wait_until(answered, timeout, "the receipt of a message of " + adapter)[0]

    # -- what came of it --

    def head(self, record, record_id, columns):
        return self.db.execute("select %s from exchange.%s where id = %%s" % (columns, record),
                               (record_id.replace("-", "").lower(),)).fetchone()

    def rate(self, month, entity=None):
        said = json.loads(cli(self.stack, "rate", "--month", month, "--json").stdout)["rows"]
        rows = [(row["n"], row["d"]) for row in said
                if not entity or (row["township"], row["sector"]) == (entity.division, entity.sector)]
        return tuple(map(sum, zip(*rows))) if rows else (0, 0)


def findings(item):
    """{code: what was expected} of a receipt's item."""
    return {one["code"]: one.get("expected") for one in item.get("findings", ())}


def outcome(item):
    return item["verdict"], item.get("reason"), item.get("field")
