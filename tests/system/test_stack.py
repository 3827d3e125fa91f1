# SPDX-License-Identifier: Apache-2.0
"""deploy/dev/stack: what people and outside tests rely on (private servers, several side by side)."""

import os
import shlex
import subprocess

from lib.publisher import Subscriber
from lib.servers import ROOT, Stack, alive
from lib.wait import wait_until

STACK = os.path.join(ROOT, "deploy/dev/stack")
NAMES = {"PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "MQTT_HOST", "MQTT_PORT", "HTTP_URL",
         "DUALGATE_CONFIG"}


def run(folder, *arguments, check=True, **more):
    env = {key: value for key, value in os.environ.items() if not key.startswith("DUALGATE_")}
    env["DUALGATE_DEV_DIR"] = folder
    env.update(more)
    return subprocess.run([STACK, *arguments], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=check, timeout=60)


def variables(folder):
    lines = [line.split("export ", 1)[1] for line in run(folder, "env").stdout.splitlines()]
    return {key: shlex.split(value)[0] for key, _, value in (line.partition("=") for line in lines)}


def test_two_stacks_stand_side_by_side_and_go_without_a_trace(place):
    folders = [os.path.join(place, "one"), os.path.join(place, "two with a space")]
    try:
        for folder in folders:
            run(folder, "up")
        seen = [variables(folder) for folder in folders]
        assert all(NAMES <= set(one) for one in seen)
        assert seen[0]["PGPORT"] != seen[1]["PGPORT"]
        assert seen[0]["MQTT_PORT"] != seen[1]["MQTT_PORT"]
        for one in seen:
            env = {**os.environ, **one}
            answer = subprocess.run(["psql", "-Atc", "select 1"], env=env, check=True,
                                    stdout=subprocess.PIPE, text=True)
            assert answer.stdout == "1\n"
            subprocess.run(["mosquitto_pub", "-h", one["MQTT_HOST"], "-p", one["MQTT_PORT"],
                            "-q", "1", "-t", "x", "-m", "x"], check=True)
            assert os.path.exists(one["DUALGATE_CONFIG"])
        before = [Stack(folder).identity(name) for folder in folders for name in ("pg", "broker", "watch")]
        run(folders[0], "up")
        assert [Stack(folders[0]).identity(name) for name in ("pg", "broker", "watch")] == before[:3]
        run(folders[0], "down")
        assert not any(alive(identity) for identity in before[:3])
        assert all(alive(identity) for identity in before[3:])
        assert not os.path.exists(folders[0])
    finally:
        for folder in folders:
            run(folder, "down", check=False)
    assert os.listdir(place) == []


def test_ports_can_be_chosen_and_are_kept(place):
    folder = os.path.join(place, "dev")
    try:
        run(folder, "up", DUALGATE_MQTT_PORT="14441")
        assert variables(folder)["MQTT_PORT"] == "14441"
        first = variables(folder)
        run(folder, "down", "--keep")
        run(folder, "up")
        assert variables(folder) == first
    finally:
        run(folder, "down")


def test_the_broker_saves_its_state_after_the_gateway_subscribed(broker):
    reader = Subscriber(broker, "dp/v1/410411/+/+/up/#", client_id="lane")
    reader.connect()
    try:
        database = os.path.join(broker.broker_folder, "mosquitto.db")
        wait_until(lambda: os.path.exists(database), 10, "mosquitto.db")
        broker.kill("broker")
        broker.start("broker")
        wait_until(lambda: "mosquitto.db" in " ".join(os.listdir(broker.broker_folder)), 5)
    finally:
        reader.close()


def test_the_migrated_cluster_has_the_schema_and_the_gateway_can_log_in(cluster):
    with cluster.connect(user="dualgate_gateway") as connection:
        assert connection.execute("select count(*) from exchange.report").fetchone() == (0,)
