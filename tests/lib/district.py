# SPDX-License-Identifier: Apache-2.0
"""A small register in SQL: enough for any test to report, the same every time."""

from .servers import NODE
from .uscc import uscc

TOWNSHIPS = {
    NODE + "001": "曙光街道", NODE + "002": "姚孟街道", NODE + "100": "北渡镇",
}
SECTORS = {
    "hazchem": "危险化学品", "machinery": "机械", "building_materials": "建材", "textile": "纺织",
    "construction": "住房和城乡建设", "education": "教育", "other": "其他",
}


class Entity:
    def __init__(self, number, sector, division):
        self.uscc = uscc(number)
        self.name = "平顶山市测试%03d有限公司" % number
        self.sector = sector
        self.division = division


class District:
    """Entities by sector: .entities, .one(sector). What the schema seeds is left as it is."""

    def __init__(self, stack, count=8, sectors=("hazchem", "machinery")):
        self.node = NODE
        self.entities = []
        with stack.connect() as db, db.transaction():
            db.execute("insert into register.node (code, name, self) values (%s, '湛河区', true)"
                       " on conflict do nothing", (NODE,))
            divisions = {NODE: "湛河区", **TOWNSHIPS}
            for code, name in divisions.items():
                db.execute("insert into register.division (code, name, parent) values (%s, %s, %s)"
                           " on conflict do nothing",
                           (code, name, NODE if code != NODE else None))
            for code, name in SECTORS.items():
                # A sector's name is also the profile that says which fields it demands.
                db.execute("insert into register.sector (code, name, profile) values (%s, %s, %s)"
                           " on conflict do nothing", (code, name, code))
            townships = sorted(TOWNSHIPS)
            for number in range(1, count + 1):
                self.add(db, Entity(number, sectors[number % len(sectors)],
                                    townships[number % len(townships)]))

    def add(self, db, entity):
        db.execute("insert into register.entity (uscc, name, division, sector, build_state)"
                   " values (%s, %s, %s, %s, 'RUNNING') on conflict do nothing",
                   (entity.uscc, entity.name, entity.division, entity.sector))
        self.entities.append(entity)

    def of(self, sector):
        return [entity for entity in self.entities if entity.sector == sector]

    def one(self, sector="hazchem"):
        return self.of(sector)[0]
